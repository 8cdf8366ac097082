/** Modules that are imported in advance: shared, ready at once, and with all their threads in the session. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { createGrpcClient } from '../matrix/grpc.ts';
import { buildTimeoutMs, pandasEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';
import { createTestFolder, sharedAdminFolder } from './setup/test-home.ts';

let gateway: TestGateway;
let client: Client;
let pandas: string;
let folder: Awaited<ReturnType<typeof createTestFolder>>;

beforeAll(async () => {
  pandas = await pandasEnvironment();
  folder = await createTestFolder();
  gateway = await startGateway();
  client = createGrpcClient(gateway.rpc, gateway.token());
}, buildTimeoutMs);
afterAll(async () => {
  client?.close();
  await gateway?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** The text of an expression's value. */
async function value(sessionId: string, code: string): Promise<string | undefined> {
  const result = await client.run({ sessionId, code });
  if (result.error !== null) throw new Error(result.error.traceback);
  return result.value?.text;
}

/** Python that asks the OpenBLAS that numpy has loaded how many threads it has. */
const blasThreads = `
import ctypes, glob, numpy, os
[path] = {line.split(None, 5)[-1].strip() for line in open("/proc/self/maps") if "openblas" in line}
library = ctypes.CDLL(path)
names = [f"{p}openblas_get_num_threads{s}" for p in ("", "scipy_") for s in ("", "64_")]
next(getattr(library, name) for name in names if hasattr(library, name))()`;

const sharedProcessors = 'import os\nlen(os.sched_getaffinity(0))';

test('numpy is there at once and computes with all processors, though its template has one thread', async () => {
  const forked = await client.createSession({ venv: pandas, preload: ['numpy'] });
  expect(forked.origin).toBe('FORKED');
  const templates = (await listWorkers(gateway)).flatMap(({ templatePids }) => templatePids);
  expect(templates.length).toBeGreaterThan(0);
  for (const pid of templates) expect(readdirSync(`/proc/${pid}/task`)).toHaveLength(1);
  expect(await value(forked.id, 'import sys\n"numpy" in sys.modules')).toBe('true');
  const processors = await value(forked.id, sharedProcessors);
  expect(await value(forked.id, blasThreads)).toBe(processors);
  // Ours are the only threads until there is something to compute.
  expect(await value(forked.id, 'len(os.listdir("/proc/self/task"))')).toBe('2');
  const product = 'a = numpy.ones((600, 600))\nfloat((a @ a)[5, 5])';
  expect(await value(forked.id, product)).toBe('600.0');
  expect(await value(forked.id, 'len(os.listdir("/proc/self/task"))')).toBe(String(1 + Number(processors)));
  // A process that the session forks computes as well.
  const inChild = `import multiprocessing\nwith multiprocessing.get_context("fork").Pool(1) as pool: found = pool.map(numpy.linalg.det, [numpy.eye(50)])\nfloat(found[0])`;
  expect(await value(forked.id, inChild)).toBe('1.0');
  expect(await value((await client.restartSession(forked.id)).id, blasThreads)).toBe(processors);
  await client.closeSession(forked.id);
});

test('sessions draw different numbers, though they come from the same generator', async () => {
  const draw = 'import numpy, random\nrepr((random.random(), numpy.random.rand(), numpy.random.standard_normal()))';
  const drawn = new Set<string | undefined>();
  for (let i = 0; i < 3; i++) {
    const session = await client.createSession({ venv: pandas, preload: ['numpy'] });
    drawn.add(await value(session.id, draw));
    await client.closeSession(session.id);
  }
  expect(drawn.size).toBe(3);
});

test('a library that is imported in the session itself has all processors too', async () => {
  const session = await client.createSession({ venv: pandas });
  expect(await value(session.id, blasThreads)).toBe(await value(session.id, sharedProcessors));
  await client.closeSession(session.id);
});

test('a thread count that the caller names is the one that counts', async () => {
  const session = await client.createSession({ venv: pandas, preload: ['numpy'], env: { OMP_NUM_THREADS: '1' } });
  expect(session.origin).toBe('SPAWNED');
  expect(await value(session.id, blasThreads)).toBe('1');
  await client.closeSession(session.id);
});

test('sessions of a module that starts threads are spawned, and say so, and how long it took', async () => {
  const venv = join(folder.path, 'threads');
  execFileSync(join(sharedAdminFolder(), 'bin', 'python'), ['-m', 'venv', '--without-pip', venv]);
  const [version] = readdirSync(join(venv, 'lib')) as [string];
  writeFileSync(
    join(venv, 'lib', version, 'site-packages', 'restless.py'),
    'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n',
  );
  const response = await fetch(`${gateway.http}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ venv, preload: ['restless'] }),
  });
  const session = (await response.json()) as { sessionId: string; origin: string; acquireSeconds: number };
  expect(session.origin).toBe('SPAWNED');
  expect(session.acquireSeconds).toBeGreaterThan(0.001);
  expect(await value(session.sessionId, 'import threading, restless\nthreading.active_count() > 1')).toBe('true');
  expect(await client.restartSession(session.sessionId)).toMatchObject({ origin: 'SPAWNED', generation: 2 });
  await client.closeSession(session.sessionId);
});

test('a module that cannot be imported is named, and no retry is offered', async () => {
  const venv = join(folder.path, 'broken');
  execFileSync(join(sharedAdminFolder(), 'bin', 'python'), ['-m', 'venv', '--without-pip', venv]);
  const [version] = readdirSync(join(venv, 'lib')) as [string];
  writeFileSync(join(venv, 'lib', version, 'site-packages', 'broken.py'), '1 / 0\n');
  const response = await fetch(`${gateway.http}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ venv, preload: ['json', 'broken'] }),
  });
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBeNull();
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  expect(error).toMatchObject({ reason: 'START_FAILED', message: expect.stringMatching(/broken.*ZeroDivisionError/) });
  expect(Object.keys(error)).not.toContain('retryAfterSeconds');
});
