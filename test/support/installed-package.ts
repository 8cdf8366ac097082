/** The published form as somebody has it who installed it: the tarball in an empty folder, outside of any clone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../integration/setup/test-home.ts';

/** An installation with a HOME of its own. */
export interface InstalledPackage extends Disposable {
  readonly folder: string;
  readonly home: string;
  /** Runs a program there; answers with what it wrote to stdout. */
  run(program: string, ...args: readonly string[]): string;
  /** `npx beep-python`. */
  beep(...args: readonly string[]): string;
}

/** Packs and installs, with npm as this machine has set it up; what npm downloads is kept from one run to the next. */
export function installPackage(variables: NodeJS.ProcessEnv): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'beep-python-installed-'));
  const [home, project] = [join(folder, 'home'), join(folder, 'project')];
  for (const made of [home, project]) mkdirSync(made);
  const ours = Object.entries(process.env).filter(([name]) => !/^(npm_|BEEP_PYTHON_|VITEST|NODE_OPTIONS)/.test(name));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(ours),
    // The Node that the program is for, and not the one that came first.
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
    npm_config_cache: join(root, '.cache', 'npm'),
    npm_config_update_notifier: 'false',
    ...variables,
  };
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { cwd: project, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    const tarball = run(process.execPath, join(root, 'scripts', 'pack', 'main.js'), folder).trim();
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    run(
      'npm',
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
      tarball,
    );
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    folder: project,
    home,
    run,
    beep: (...args) => run('npx', '--no-install', 'beep-python', ...args),
    [Symbol.dispose]: dispose,
  };
}
