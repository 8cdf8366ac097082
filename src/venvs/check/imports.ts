/** Whether modules can be imported, in processes of their own that leave nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentProblem } from './problem.ts';

/** One module may take so long. */
const moduleTimeoutMs = 60_000;
const maxTextBytes = 500;
const maxLineLength = 65_536;

/** Imports each name that it reads, and says on a stream of its own how that went; what modules print goes nowhere. */
const program = `
import importlib, json, os, sys
answer = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
nothing = os.open(os.devnull, os.O_RDWR)
names = json.loads(sys.stdin.read())
for fd in (0, 1, 2):
    os.dup2(nothing, fd)
for name in names:
    error = ""
    try:
        importlib.import_module(name)
    except BaseException as problem:
        error = "%s: %s" % (type(problem).__name__, problem)
    answer.write(json.dumps([name, error[:${maxTextBytes}]]) + "\\n")
    answer.flush()
answer.flush()
os._exit(0)
`;

/** Tries all of them; one that takes its process with it does not keep the others from being tried. */
export async function checkImports(
  pythonPath: string,
  modules: readonly string[],
  signal?: AbortSignal,
): Promise<EnvironmentProblem[]> {
  const problems: EnvironmentProblem[] = [];
  const scratch = await mkdtemp(join(tmpdir(), 'beep-python-imports-'));
  try {
    let left = [...modules];
    while (left.length > 0) {
      signal?.throwIfAborted();
      const { tried, ended } = await importAll(pythonPath, left, scratch, signal);
      for (const [name, error] of tried) if (error !== '') problems.push(problem(name, error));
      left = left.slice(tried.length);
      const culprit = left.shift();
      if (culprit !== undefined) problems.push(problem(culprit, ended));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  signal?.throwIfAborted();
  return problems;
}

function problem(module: string, why: string): EnvironmentProblem {
  return { subject: module, message: `it cannot be imported: ${why}; install what it needs, or another version of it` };
}

/** One process for as many as it survives. */
async function importAll(
  pythonPath: string,
  modules: readonly string[],
  scratch: string,
  signal: AbortSignal | undefined,
): Promise<{ tried: [name: string, error: string][]; ended: string }> {
  const child = spawn(pythonPath, ['-I', '-B', '-c', program], {
    cwd: scratch,
    env: { PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, LANG: process.env.LANG ?? 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // a process group of its own
  });
  const tried: [string, string][] = [];
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isLate = true;
      kill(child);
    }, moduleTimeoutMs);
  };
  const onAbort = () => kill(child);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    wait();
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() as string;
      if (rest.length > maxLineLength) kill(child);
      for (const line of lines) {
        // The process runs a stranger's code: it may say anything.
        if (tried.length < modules.length) tried.push([modules[tried.length] as string, errorOf(line)]);
        wait();
      }
    });
    child.stdin?.on('error', () => {}); // it may end without reading
    child.stdin?.end(JSON.stringify(modules));
    const [code, name] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => kill(child));
      child.once('close', (...how) => resolve(how));
    });
    if (isLate) return { tried, ended: `it takes longer than ${moduleTimeoutMs / 1000} s` };
    return {
      tried,
      ended: name === null ? `it ends its process with exit code ${code}` : `it ends its process with ${name}`,
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function errorOf(line: string): string {
  try {
    const [, error] = JSON.parse(line);
    return typeof error === 'string' ? error.replace(/\s+/g, ' ').slice(0, maxTextBytes) : '';
  } catch {
    return '';
  }
}

/** The process with all that it started. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // all of it is gone already
  }
}
