/** Asks an interpreter what it is, and survives whatever it answers. */
import { spawn } from 'node:child_process';

/** What an interpreter says about itself. */
export interface ProbedRuntime {
  /** `3.13.0`, `3.14.0rc1`. */
  readonly version: string;
  /** `cpython`, `pypy`. */
  readonly implementation: string;
  /** What compiled packages must be built for, such as `cpython-313`, `cpython-313t`. */
  readonly abi: string;
  /** Neither a release to come nor a build without the lock of the interpreter. */
  readonly isPlainRelease: boolean;
  /** Of `venv` and `ssl`, those that cannot be imported. */
  readonly missingModules: readonly string[];
}

/** An interpreter's answer, or why there is none. */
export type Probe = ProbedRuntime | { readonly problem: string; readonly hung: boolean };

/** An interpreter that says nothing for so long is taken for one that hangs. */
export const probeTimeoutMs = 5000;

const maxAnswerBytes = 64 * 1024;

// Python 2 has no `-I`: what that does is done by `-E -s` and the first line. It has to be understood by Python 2 as well,
// so that an old interpreter is called old and not broken.
const program = `
import sys; sys.path[:] = [p for p in sys.path if p]
import json
missing = []
for name in ("venv", "ssl"):
    try:
        __import__(name)
    except Exception:
        missing.append(name)
info = sys.version_info
level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info[3])
version = "%d.%d.%d" % tuple(info[:3]) + ("%s%d" % (level, info[4]) if level else "")
implementation = getattr(sys, "implementation", None)
flags = getattr(sys, "abiflags", "")
tag = getattr(implementation, "cache_tag", None) or ""
print(json.dumps({
    "version": version,
    "implementation": getattr(implementation, "name", "cpython"),
    "abi": tag + (flags if tag and not tag.endswith("t") else ""),
    "isPlainRelease": level is None and "t" not in flags,
    "missingModules": missing,
}))
`;

// No variable that would change what it is; libraries outside the system's folders must be found.
const passedThrough = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

/** Runs an interpreter to ask what it is. Never throws: what does not run, hangs or babbles is told as a problem. */
export async function probeRuntime(path: string, env: Readonly<NodeJS.ProcessEnv> = process.env): Promise<Probe> {
  const said = await run(path, env);
  if ('problem' in said) return said;
  const answer = parse(said.stdout);
  return answer ?? { problem: 'its answer is none that a Python gives', hung: false };
}

async function run(
  path: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<{ stdout: string } | { problem: string; hung: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ stdout: string } | { problem: string; hung: boolean }>();
  const child = spawn(path, ['-E', '-s', '-S', '-c', program], {
    cwd: '/',
    env: Object.fromEntries(passedThrough.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that what it started ends with it
  });
  const fail = (problem: string, hung = false) => {
    resolve({ problem, hung });
    killGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => fail(`it did not answer within ${probeTimeoutMs / 1000} s`, true), probeTimeoutMs);
  const read = (stream: typeof child.stdout) => {
    const text = { all: '' };
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text.all += piece;
      if (text.all.length > maxAnswerBytes) fail('it writes without end');
    });
    return text;
  };
  const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
  child.once('error', (error: NodeJS.ErrnoException) => fail(whyNotStarted(error.code)));
  child.once('exit', () => killGroup(child.pid)); // what it left running holds the pipes
  child.once('close', (code, signal) => {
    if (code === 0) resolve({ stdout: stdout.all });
    else fail(`it ended with ${signal ?? code}${lastLine(stderr.all)}`);
  });
  return await promise.finally(() => clearTimeout(timer));
}

function parse(stdout: string): ProbedRuntime | undefined {
  try {
    return checkedAnswer(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  } catch {
    return undefined;
  }
}

/** Something as an answer; undefined for what is none. */
export function checkedAnswer(value: unknown): ProbedRuntime | undefined {
  const { version, implementation, abi, isPlainRelease, missingModules } = (value ?? {}) as Partial<ProbedRuntime>;
  if (typeof version !== 'string' || !/^\d{1,4}\.\d{1,4}\.\d{1,4}((a|b|rc)\d{1,4})?$/.test(version)) return undefined;
  if (typeof implementation !== 'string' || !/^[a-z]{1,20}$/.test(implementation)) return undefined;
  if (typeof abi !== 'string' || typeof isPlainRelease !== 'boolean' || !Array.isArray(missingModules))
    return undefined;
  return {
    version,
    implementation,
    abi: abi.slice(0, 100),
    isPlainRelease,
    missingModules: missingModules.map(String),
  };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

function whyNotStarted(code: string | undefined): string {
  if (code === 'EACCES') return 'it is not executable';
  if (code === 'ENOENT') return 'it is gone, or what it needs to start is';
  return `it does not start (${code ?? 'unknown'})`;
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().slice(0, 200);
  return line ? `: ${line}` : '';
}
