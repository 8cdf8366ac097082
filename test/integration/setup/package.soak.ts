/** The published form from nothing: a HOME without anything in it, and what the guide tells to do there. */
import { expect, test } from 'vitest';
import { installPackage } from '../../support/installed-package.ts';

test('in a new home: init, start, exec, and a second init with nothing to do', () => {
  using installed = installPackage({ PIP_CACHE_DIR: process.env.PIP_CACHE_DIR });
  const { beep, home } = installed;
  expect(beep('init', '--yes')).toContain('Next: beep-python start');
  expect(beep('start', '--detach', '--http-port', '0', '--rpc-port', '0', '--pipe-name', `${home}/pipe`)).toContain(
    `${home}/.beep-python/token`,
  );
  try {
    expect(beep('exec', '6 * 7')).toBe('42\n');
    expect(beep('exec', 'import sys; sys.prefix')).toContain(`${home}/.beep-python/envs/default/`);
  } finally {
    beep('stop');
  }
  expect(beep('init')).toContain('is set up already');
}, 600_000);
