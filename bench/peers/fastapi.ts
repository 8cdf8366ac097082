/** FastAPI with `json`, which the original's HTTP server was made of, in an environment of its own. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Context } from '../measure.ts';
import { cache, root } from '../places.ts';

/** As it is called in tables. */
export const fastapi = 'FastAPI with `json`';

const here = join(import.meta.dirname, 'fastapi');
const run = promisify(execFile);

/** Starts the service; its URL. */
export async function startFastapi(context: Context): Promise<string> {
  const python = await ensureEnvironment(context);
  const child = spawn(python, [join(here, 'server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  context.stack.defer(async () => {
    child.stdin.end();
    await exited;
  });
  const ended = exited.then(() => Promise.reject(new Error(`the peer ${fastapi} ended instead of starting`)));
  ended.catch(() => {});
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  return `http://127.0.0.1:${port}`;
}

async function ensureEnvironment({ gateway, interpreter }: Context): Promise<string> {
  const requirements = join(here, 'requirements.txt');
  const digest = createHash('sha256')
    .update(interpreter.basePath)
    .update(await readFile(requirements))
    .digest('hex');
  const folder = join(cache, `fastapi-${digest.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'bench-is-done');
  if (existsSync(stamp)) return python;
  await rm(folder, { recursive: true, force: true });
  const uv = join(gateway.home, 'admin', 'bin', 'uv');
  const options = { env: { ...process.env, UV_CACHE_DIR: join(root, '.cache', 'uv') } };
  await run(uv, ['venv', '--no-project', '--python', interpreter.basePath, folder], options);
  const install = ['pip', 'install', '--compile-bytecode', '--python', python, '--requirement', requirements];
  await run(uv, install, options);
  await writeFile(stamp, '');
  return python;
}
