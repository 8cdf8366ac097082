import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** The Python that has grpcio-tools. */
export const python = join(root, '.cache', 'test-venv', 'bin', 'python');

/** How a program ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program in the repository, or in another folder, with what npm installed first on its path. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  { cwd = root, signal }: { cwd?: string; signal?: AbortSignal } = {},
): Promise<Ended> {
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  const options = { cwd, signal, env: { ...process.env, PATH: path, ...env } };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Runs one of the scripts that make and check the contract. */
export function runScript(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run(process.execPath, [join(root, 'scripts', 'generate', name), ...args], env);
}
