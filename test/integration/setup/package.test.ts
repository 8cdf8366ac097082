/** The published form: the tarball in an empty folder, with the dependencies that it names and no others. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createSharedHome } from '../../support/gateway.ts';
import { createTestFolder, root } from './test-home.ts';

test('the packed program starts a gateway outside the clone, runs code in it, and stops it', async () => {
  await using folder = await createTestFolder();
  await using made = await createSharedHome();
  const run = (command: string, ...args: readonly string[]) => {
    const env = { ...process.env, BEEP_PYTHON_HOME: made.home, npm_lifecycle_event: undefined };
    return execFileSync(command, args, { cwd: folder.path, env, encoding: 'utf8' });
  };
  const tarball = run(process.execPath, join(root, 'scripts', 'pack', 'main.js'), folder.path).trim();
  const modules = join(folder.path, 'node_modules');
  const installed = join(modules, 'beep-python');
  mkdirSync(installed, { recursive: true });
  run('tar', '-xzf', tarball, '--strip-components=1', '-C', installed);
  const { dependencies, bin, private: isPrivate } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(isPrivate).toBeUndefined();
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const beep = (...args: readonly string[]) => run(process.execPath, join(installed, bin['beep-python']), ...args);

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
}, 120_000);
