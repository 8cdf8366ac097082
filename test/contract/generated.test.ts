import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, root, runScript } from './program.ts';

// The first run may build the environment that has grpcio-tools.
const timeout = 300_000;
let copy: string;
let told: Ended;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'beep-generated-'));
  const client = ['contract', 'blocking'].map((name) => `python/beep_python_client/${name}`);
  for (const folder of ['src/gen', 'python/gen', ...client]) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  }
  appendFileSync(join(copy, 'src/gen/es/beep/python/v1/host_pb.ts'), '\n');
  writeFileSync(join(copy, 'src/gen/worker/more.ts'), '');
  rmSync(join(copy, 'python/gen/beep/python/v1/venv_pb2.py'));
  appendFileSync(join(copy, 'python/beep_python_client/blocking/session.py'), '\n');
  // It is made once, and compared with both.
  told = await runScript('main.js', ['--check', '--against', root, '--against', copy]);
}, timeout);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('the generated code in the repository is what the proto files make', () => {
  expect(told.output).toContain('generated code is fresh\n');
});

test('generated code that was edited, added or removed by hand is named', () => {
  expect(told.code).toBe(1);
  const lines = told.output.trim().split('\n');
  expect(lines.filter((line) => line !== 'generated code is fresh')).toEqual([
    'differs: src/gen/es/beep/python/v1/host_pb.ts',
    'not generated any more: src/gen/worker/more.ts',
    'missing: python/gen/beep/python/v1/venv_pb2.py',
    'differs: python/beep_python_client/blocking/session.py',
    'generated code is stale; run: node scripts/generate/main.js',
  ]);
});
