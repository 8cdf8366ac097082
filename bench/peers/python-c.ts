/** A new interpreter for every call: `python -c`, by spawn. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** As it is called in tables. */
export const pythonC = 'python -c';

/** Runs `print(1+1)`; the milliseconds until its output is there. The process has ended when this resolves. */
export async function pythonOnce(python: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(python, ['-c', 'print(1+1)'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  const tookMs = performance.now() - startedAt;
  if (output.toString() !== '2\n') throw new Error(`${pythonC}: 1+1 gave ${output}`);
  await closed;
  return tookMs;
}
