import { execFile } from 'node:child_process';
import type { EnvironmentProblem } from './problem.ts';

const timeoutMs = 30_000;

/** Whether an environment's interpreter starts and knows its own standard library. */
export async function checkInterpreter(pythonPath: string, signal?: AbortSignal): Promise<EnvironmentProblem[]> {
  const why = await new Promise<string | undefined>((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: 65_536, signal };
    execFile(
      pythonPath,
      ['-I', '-B', '-c', 'import encodings, os, site; print("starts")'],
      options,
      (error, stdout) => {
        if (error === null) return resolve(stdout.trim() === 'starts' ? undefined : 'it is no Python');
        const {
          code,
          killed,
          signal: name,
        } = error as Error & { code?: number | string; killed?: boolean; signal?: string };
        if (killed && name === 'SIGKILL') return resolve(`it does not start within ${timeoutMs / 1000} s`);
        resolve(
          name
            ? `it ended with ${name}`
            : typeof code === 'string'
              ? `it does not start (${code})`
              : `it ended with exit code ${code}`,
        );
      },
    );
  });
  signal?.throwIfAborted();
  return why === undefined
    ? []
    : [{ subject: 'python', message: `${why}; ensure the environment again, or delete and create it` }];
}
