/** The published form: `npm install` of the tarball outside the clone, with the dependencies that it names and no others. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSharedHome } from '../../support/gateway.ts';
import { installPackage } from '../../support/installed-package.ts';

test('the installed program starts a gateway outside the clone, runs code in it, and stops it', async () => {
  await using made = await createSharedHome();
  using installed = installPackage({ BEEP_PYTHON_HOME: made.home });
  const { beep, run } = installed;
  const below = join(installed.folder, 'node_modules', 'beep-python');
  const { private: isPrivate, scripts } = JSON.parse(readFileSync(join(below, 'package.json'), 'utf8'));
  expect([isPrivate, scripts]).toEqual([undefined, undefined]);
  expect(existsSync(join(below, 'proto', 'beep', 'python', 'v1', 'execute.proto'))).toBe(true);
  expect(existsSync(join(below, 'src'))).toBe(false);

  expect(beep('--help')).toContain('exec');
  beep('start', '--detach', '--http-port', '0', '--rpc-port', '0', '--pipe-name', join(made.home, 'pipe'));
  try {
    expect(beep('exec', '6 * 7')).toBe('42\n');
    expect(beep('exec', '--fresh', 'import sys; print(sys.argv[1:])', 'a')).toBe("['a']\n");
    const client = `const { connect } = await import('beep-python/client');
await using gateway = await connect();
console.log((await gateway.run('6 * 7')).value);`;
    expect(run(process.execPath, '--input-type=module', '-e', client)).toBe('42\n');
    const { endpoints } = JSON.parse(beep('status', '--json'));
    for (const path of ['/', '/docs', '/openapi.json']) expect((await fetch(endpoints.http + path)).status).toBe(200);
  } finally {
    beep('stop');
  }
}, 240_000);
