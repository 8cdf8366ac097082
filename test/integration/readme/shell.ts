/** Runs commands as a user would paste them, against a gateway of a test's own. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { TestGateway } from '../../support/gateway.ts';
import { root } from '../setup/test-home.ts';

const run = promisify(execFile);

/** A user's shell: its home folder has the gateway's home where it is by default. */
export interface Shell {
  /** The user's home folder. */
  readonly home: string;
  /** Answers with what was printed; throws when a command fails. */
  paste(commands: string): Promise<string>;
}

/** Makes a shell, with what it needs in `folder`. Only the default ports are replaced in what is pasted. */
export function createShell(gateway: TestGateway, folder: string): Shell {
  const home = join(folder, 'user');
  const programs = join(folder, 'bin');
  mkdirSync(home);
  mkdirSync(programs);
  symlinkSync(gateway.home, join(home, '.beep-python'));
  if (!isInstalled('grpcurl')) symlinkSync(join(import.meta.dirname, 'grpcurl.sh'), join(programs, 'grpcurl'));
  symlinkSync(join(import.meta.dirname, 'beep-python.sh'), join(programs, 'beep-python'));
  const { BEEP_PYTHON_HOME: _, ...variables } = process.env;
  const env = {
    ...variables,
    HOME: home,
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    BUF: join(root, 'node_modules', '.bin', 'buf'),
    // Calls to this machine, whatever proxy it has for others.
    no_proxy: '127.0.0.1,localhost',
  };
  return {
    home,
    async paste(commands) {
      const script = withPorts(commands, gateway);
      const { stdout } = await run('sh', ['-e', '-c', script], { cwd: root, env, timeout: 60_000 });
      return stdout;
    },
  };
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function withPorts(commands: string, { http, rpc }: TestGateway): string {
  return commands.replaceAll(':5678', `:${new URL(http).port}`).replaceAll(':50051', `:${new URL(rpc).port}`);
}
