import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFileRegistry,
  type DescEnum,
  type DescExtension,
  type DescMessage,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { file_buf_validate_validate } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { expect, test } from 'vitest';
import { run } from './program.ts';

test('the rules that our proto files import are those that the validator knows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'beep-rules-'));
  try {
    const image = join(folder, 'rules.binpb');
    const { code, output } = await run('buf', ['build', '-o', `${image}`, 'proto/third_party']);
    expect({ code, output }).toEqual({ code: 0, output: '' });
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
    const ours = registry.getFile('buf/validate/validate.proto');
    expect(ours && outline(ours)).toEqual(outline(file_buf_validate_validate));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Declarations {
  readonly messages: readonly DescMessage[];
  readonly enums: readonly DescEnum[];
  readonly extensions: readonly DescExtension[];
}

/** Every name and number that a file declares. */
function outline({ messages, enums, extensions }: Declarations): string[] {
  return [
    ...messages.flatMap(({ fields, nestedMessages, nestedEnums, nestedExtensions }) => [
      ...fields.map((field) => `${field} = ${field.number}`),
      ...outline({ messages: nestedMessages, enums: nestedEnums, extensions: nestedExtensions }),
    ]),
    ...enums.flatMap(({ values }) => values.map((value) => `${value} = ${value.number}`)),
    ...extensions.map((extension) => `${extension} = ${extension.number}`),
  ];
}
