// A plugin of buf: the contract's methods and messages as OpenAPI 3.1, with its comments and its rules, which the
// generated TypeScript has not. The gateway adds the plain routes when somebody asks for the description.
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { commentsOf } from './comments.js';
import { methodPaths } from './methods.js';
import { createSchemas } from './schemas.js';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const request = fromBinary(CodeGeneratorRequestSchema, Buffer.concat(chunks));
process.stdout.write(toBinary(CodeGeneratorResponseSchema, respond(request)));

function respond({ protoFile, fileToGenerate }) {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: protoFile }));
  const files = fileToGenerate.map((name) => registry.getFile(name));
  const comments = commentsOf([...registry.files]);
  const schemas = createSchemas(registry, comments);
  const services = files.flatMap((file) => file.services);
  const contract = {
    services: services.map((service) => ({ name: service.typeName, description: comments.get(service) ?? '' })),
    paths: Object.fromEntries(
      services.flatMap(({ methods }) => methods.map((method) => methodPaths(method, schemas, comments))),
    ),
    schemas: schemas.all(),
    reasons: reasonsOf(files, comments),
  };
  return create(CodeGeneratorResponseSchema, {
    supportedFeatures: BigInt(CodeGeneratorResponse_Feature.PROTO3_OPTIONAL),
    file: [{ name: 'contract.json', content: `${JSON.stringify(contract, null, 2)}\n` }],
  });
}

/** What each reason of an error means, by its name without the prefix. */
function reasonsOf(files, comments) {
  const reasons = files.flatMap(({ enums }) => enums).find(({ name }) => name === 'ErrorReason');
  return Object.fromEntries(
    reasons.values
      .filter(({ number }) => number !== 0)
      .map((value) => [value.name.replace('ERROR_REASON_', ''), comments.get(value) ?? '']),
  );
}
