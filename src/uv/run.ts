/**
 * How uv is called: with an environment built from nothing, from an empty folder, never by a shell, in a process group of
 * its own that is ended as a whole.
 *
 *     const index = await resolveIndex(request.index);
 *     const result = await runUv(layout, ['pip', 'install', '--python', python, '-r', '-'], {
 *       timeoutMs, signal, index, input: 'pandas>=2\n', onLine,
 *     });
 *     if (result.exitCode !== 0) throw uvFailure(result, { python: '3.12.1', index, action: 'install packages' });
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { indexArguments, indexSecrets, indexVariables, type PackageIndex } from './package-index.ts';
import { withoutCredentials } from './redact.ts';

/** Where uv is, and where it keeps things. A home's layout is one. */
export interface UvPlaces {
  readonly uv: string;
  readonly packageCache: string;
  /** Folder of the interpreters that it installs. */
  readonly runtimes: string;
  /** An empty folder: uv reads project files from where it stands upwards. */
  readonly emptyFolder: string;
}

/** One call of uv. */
export interface UvCall {
  /** The whole process group is ended then. */
  readonly timeoutMs: number;
  /** Ends the whole process group. */
  readonly signal?: AbortSignal;
  /** What uv reads from its standard input, such as requirements for `-r -`. */
  readonly input?: string;
  /** Where packages come from: for `pip compile`, `pip install` and `pip sync`, whose arguments it may add to. */
  readonly index?: PackageIndex;
  /** Called for each line of the standard error stream as it comes, free of credentials. */
  readonly onLine?: (line: string) => void;
  /** Further variables of uv, such as UV_PYTHON_INSTALL_MIRROR: addresses may hold credentials, and arguments can be seen. */
  readonly variables?: Readonly<Record<string, string>>;
  /** An open lock file that uv and all below it hold too: it is free only when they are gone, also after our own sudden end. */
  readonly lockFd?: number;
}

/** What a call came to. */
export interface UvResult {
  /** Undefined: it did not end by itself. */
  readonly exitCode: number | undefined;
  /** What ended it: itself, our time limit, the caller's signal, or a signal of somebody else. */
  readonly endedBy: 'exit' | 'timeout' | 'cancel' | 'kill';
  readonly stdout: string;
  /** Free of credentials. */
  readonly stderr: string;
  readonly tookMs: number;
}

const maxOutputBytes = 64 * 1024 * 1024;
/** What a build writes may have no lines at all; it comes in pieces then. */
const maxLineLength = 65_536;
/** Time between asking a process group to end and making it. */
const endGraceMs = 1000;

/** Runs uv to its end. Throws only if it cannot be started; for what uv says the caller reads `exitCode`. */
export async function runUv(places: UvPlaces, args: readonly string[], call: UvCall): Promise<UvResult> {
  const startedAt = performance.now();
  const { signal, index } = call;
  if (signal?.aborted) return { exitCode: undefined, endedBy: 'cancel', stdout: '', stderr: '', tookMs: 0 };
  await mkdir(places.emptyFolder, { recursive: true, mode: 0o700 });
  const secrets = indexSecrets(index);
  const { lockFd } = call;
  const child = spawn(places.uv, [...args, ...indexArguments(index), '--color', 'never', '--no-progress'], {
    cwd: places.emptyFolder,
    env: { ...uvEnvironment(places, process.env), ...indexVariables(index), ...call.variables },
    stdio: [call.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(lockFd === undefined ? [] : [lockFd])],
    detached: true, // a process group of its own
  });
  child.stdin?.on('error', () => {}); // it may end without reading
  child.stdin?.end(call.input);
  const stdout = collect(child.stdout as NodeJS.ReadableStream);
  const stderr = collect(child.stderr as NodeJS.ReadableStream, (line) =>
    call.onLine?.(withoutCredentials(line, secrets)),
  );
  const { exitCode, endedBy } = await ended(child, call);
  const texts = { stdout: stdout(), stderr: withoutCredentials(stderr(), secrets) };
  return { exitCode, endedBy, ...texts, tookMs: performance.now() - startedAt };
}

async function ended(
  child: ChildProcess,
  { timeoutMs, signal }: UvCall,
): Promise<Pick<UvResult, 'exitCode' | 'endedBy'>> {
  let endedBy: 'timeout' | 'cancel' | undefined;
  let grace: NodeJS.Timeout | undefined;
  const end = (why: 'timeout' | 'cancel') => {
    if (endedBy !== undefined) return;
    endedBy = why;
    signalGroup(child, 'SIGTERM');
    grace = setTimeout(() => signalGroup(child, 'SIGKILL'), endGraceMs);
  };
  const onAbort = () => end('cancel');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort(); // while it was being started: nobody would hear of it any more
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      // What uv had started does not go on without it, nor keep our pipes open.
      child.once('exit', () => signalGroup(child, 'SIGKILL'));
      child.once('close', (code) =>
        resolve({
          exitCode: endedBy === undefined ? (code ?? undefined) : undefined,
          endedBy: endedBy ?? (code === null ? 'kill' : 'exit'),
        }),
      );
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal?.removeEventListener('abort', onAbort);
  }
}

function signalGroup(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // all of it is gone already
  }
}

/** Collects a stream's text up to a bound; whole lines are told as they come. */
function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = '';
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    if (text.length < maxOutputBytes) text += piece;
    if (onLine === undefined) return;
    const lines = (rest + piece).split('\n');
    rest = lines.pop() as string;
    if (rest.length > maxLineLength) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => rest !== '' && onLine?.(rest));
  return () => text;
}

/** What of the gateway's environment uv may see: the way out of the machine, and whom to trust there. */
const passedThrough = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

function uvEnvironment(places: UvPlaces, env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const passed = passedThrough.map((name) => [name, env[name]]).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(passed),
    UV_NO_CONFIG: '1',
    UV_NO_PROGRESS: '1',
    UV_NO_WRAP: '1',
    NO_COLOR: '1',
    UV_CACHE_DIR: places.packageCache,
    UV_PYTHON_INSTALL_DIR: places.runtimes,
    UV_PYTHON_INSTALL_BIN: '0',
    UV_PYTHON_DOWNLOADS: 'manual',
  };
}
