/** Which accelerator this machine has, by the tools that come with its drivers. */
import { type ChildProcess, spawn } from 'node:child_process';

/** What models can be computed on. */
export type Accelerator = 'rocm' | 'cuda' | 'vulkan' | 'cpu';

/** What a tool gets that has to wake a device up. */
const usualTimeoutMs = 5000;
const maxText = 1024 * 1024;

/** The first of these whose tool says so; all are asked at once. */
const probes: readonly { accelerator: Accelerator; program: string; says: RegExp }[] = [
  { accelerator: 'rocm', program: 'rocm-smi', says: /(?:)/ },
  { accelerator: 'cuda', program: 'nvidia-smi', says: /CUDA/ },
  { accelerator: 'vulkan', program: 'vulkaninfo', says: /(?:)/ },
];

/** Asks the tools the first time that somebody wants to know, and remembers the answer for as long as this process lives. */
export function createAcceleratorDetection(
  env: Readonly<NodeJS.ProcessEnv> = process.env,
  timeoutMs = usualTimeoutMs,
): () => Promise<Accelerator> {
  let answer: Promise<Accelerator> | undefined;
  return () => {
    answer ??= detect(env, timeoutMs);
    return answer;
  };
}

async function detect(env: Readonly<NodeJS.ProcessEnv>, timeoutMs: number): Promise<Accelerator> {
  const found = await Promise.all(probes.map(({ program, says }) => succeeds(program, says, env, timeoutMs)));
  return probes[found.indexOf(true)]?.accelerator ?? 'cpu';
}

/** Whether a program ends well, in time, and says the word. It and what it starts are gone afterwards. */
function succeeds(
  program: string,
  says: RegExp,
  env: Readonly<NodeJS.ProcessEnv>,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...env }, detached: true });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < maxText) said += text;
    });
    const end = (succeeded: boolean) => {
      clearTimeout(timer);
      endGroup(child);
      child.stdout.destroy();
      resolve(succeeded);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    child.once('error', () => end(false));
    child.once('close', (code) => end(code === 0 && says.test(said)));
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended, with all that it started
  }
}
