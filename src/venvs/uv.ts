/** How uv is called: with an environment built from nothing, from an empty folder, never by a shell. */
import { mkdir } from 'node:fs/promises';
import type { HomeLayout } from './layout.ts';

/** What a run of uv came to. */
export interface UvResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How one run differs. */
export interface UvOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
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

/** Runs uv to its end. Never throws for what uv says; the caller reads the exit code. */
export async function runUv(layout: HomeLayout, args: readonly string[], options: UvOptions): Promise<UvResult> {
  // Loaded only when uv is: a start that has nothing to build does without.
  const { execa } = await import('execa');
  await mkdir(layout.emptyFolder, { recursive: true, mode: 0o700 });
  const result = await execa(layout.uv, [...args, '--color', 'never', '--no-progress'], {
    cwd: layout.emptyFolder,
    env: uvEnvironment(layout),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: options.timeoutMs,
    cancelSignal: options.signal,
    forceKillAfterDelay: 2000,
    maxBuffer: 8 * 1024 * 1024,
  });
  return { exitCode: result.exitCode, stdout: result.stdout ?? '', stderr: withoutCredentials(result.stderr ?? '') };
}

function uvEnvironment(layout: HomeLayout): Record<string, string> {
  const env: Record<string, string> = {
    UV_NO_CONFIG: '1',
    UV_NO_PROGRESS: '1',
    NO_COLOR: '1',
    UV_CACHE_DIR: layout.packageCache,
    UV_PYTHON_INSTALL_DIR: layout.runtimes,
    UV_PYTHON_INSTALL_BIN: '0',
    UV_PYTHON_DOWNLOADS: 'manual',
  };
  for (const name of passedThrough) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Index addresses may carry a user and a password. */
function withoutCredentials(text: string): string {
  return text.replace(/(\w+:\/\/)[^\s/@]+@/g, '$1***@');
}
