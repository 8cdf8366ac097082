/** `venv` and its neighbours, as a person reads them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../support/command-line.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';

let own: VenvGateway;
beforeAll(async () => {
  own = await startVenvGateway();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const beep = (...args: string[]) => run(args, { home: own.home });

test('one word after the name of an environment that is there is a package', async () => {
  expect((await beep('venv', 'create', 'woods')).code).toBe(0);
  const { code, stdout, stderr } = await beep('venv', 'ensure', 'woods', 'stone');
  expect([code, stdout]).toEqual([0, expect.stringContaining('  stone 3.0\nwoods: generation 2')]);
  expect(stderr).not.toContain('taken for a model');
  const again = await beep('venv', 'create', 'woods', 'stone');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('"woods"')]);
});

test('one word after any other name is a model, and stderr says how to have it as a package', async () => {
  const { code, stdout, stderr } = await beep('venv', 'ensure', 'my-provider', 'gpt2');
  expect([code, stdout]).toEqual([0, expect.stringContaining('gpt2')]);
  expect(stderr).toContain('as a package it is: beep-python venv ensure my-provider -p gpt2\n');
});

test('rollback says nothing of sizes, which it does not measure; status does', async () => {
  await beep('venv', 'create', 'hill', '-p', 'leaf==1.0');
  await beep('venv', 'install', 'hill', 'leaf==1.1');
  const { code, stdout } = await beep('venv', 'rollback', 'hill');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^generation +1$/m)]);
  expect(stdout).not.toMatch(/^size/m);
  expect((await beep('venv', 'status', 'hill')).stdout).toMatch(/^size +[1-9]/m);
});

test('the list has the state in its column, and what is wrong below', async () => {
  await beep('venv', 'create', 'ruin');
  rmSync(join(own.folder('ruin'), 'current', 'bin'), { recursive: true });
  const { stdout } = await beep('venv', 'list');
  expect(stdout).toMatch(/^ruin +\S+ +broken +\d/m);
  expect(stdout).toMatch(/^ruin: \S.*\n$/m);
});

test.each([
  [['session', 'close', 'nosuch'], 1, 'stderr', 'no such session: nosuch; see: beep-python session list\n'],
  [['list', '--version', '>=9'], 0, 'stdout', 'no runtime fits >=9; one is downloaded by: '],
] as const)('%j ends with %d and says on %s: %s', async (args, code, stream, said) => {
  const ran = await beep(...args);
  expect([ran.code, ran[stream]]).toEqual([code, expect.stringContaining(said)]);
});
