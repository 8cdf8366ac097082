/** How a gateway ends: what it tells whom, what it waits for, and that nothing of it stays. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterEach, expect, test } from 'vitest';
import { Health, HealthCheckResponse_ServingStatus as Serving } from '../../../src/gen/es/grpc/health/v1/health_pb.ts';
import { createSharedHome } from '../../support/gateway.ts';
import { processesBelow, stillRunning } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { root, type TestHome } from '../setup/test-home.ts';

/** How long a test may take in which a gateway starts, and gives calls their time. */
const startAndDrainMs = 60_000;

let made: TestHome | undefined;
let child: ChildProcess | undefined;
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await made?.[Symbol.asyncDispose]();
  child = made = undefined;
});

/** A gateway whose end the test itself brings about. */
async function startOne() {
  made = await createSharedHome();
  const { home } = made;
  const flags = ['--http-port', '0', '--rpc-port', '0', '--pipe-name', join(home, 'pipe'), '--log-level', 'warn'];
  const started = spawn(process.execPath, [join(root, 'src', 'main.ts'), 'start', ...flags], {
    env: { ...process.env, BEEP_PYTHON_HOME: home, npm_lifecycle_event: undefined },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child = started;
  const ended = once(started, 'exit').then(([code]) => code as number | null);
  const [{ ready }] = (await once(started, 'message')) as [{ ready: { http: string; rpc: string } }];
  const authorization = `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`;
  const execute = async (code: string) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${ready.http}/execute`, { method: 'POST', headers, body: JSON.stringify({ code }) });
    return {
      status: answer.status,
      body: (await answer.json()) as { outcome?: string; stdout?: string; error?: unknown },
    };
  };
  /** Code that makes a file when it has begun. */
  const begun = async (rest: string) => {
    const flag = join(home, 'begun');
    const answer = execute(`open(${JSON.stringify(flag)}, "w").close()\nimport time\n${rest}`);
    await until('the code has begun', () => existsSync(flag), 20_000);
    return { answer };
  };
  return { ...ready, home, gateway: started, ended, begun };
}

/** Whether nobody accepts connections there any more. */
async function isClosed(url: string): Promise<boolean> {
  return await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).then(
    () => false,
    () => true,
  );
}

test(
  'SIGTERM: HTTP/2 is told to go, watchers of its health that it is not serving, a call under way ends by itself, exit 0',
  async () => {
    const { http, rpc, home, gateway, ended, begun } = await startOne();
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    const client = connectHttp2(http);
    const wentAway = once(client, 'goaway');
    const closed = once(client, 'close');
    const states: Serving[] = [];
    const watching = (async () => {
      const health = createClient(Health, createGrpcTransport({ baseUrl: rpc }));
      for await (const { status } of health.watch({})) states.push(status);
    })().catch((error: Error) => error.message);
    await until('its health is watched', () => states.length === 1);
    const { answer } = await begun(
      `import os\nwhile not os.path.exists(${JSON.stringify(join(home, 'go'))}): time.sleep(0.01)\nprint("done by itself")`,
    );
    const below = processesBelow(gateway.pid as number);
    expect(below.length).toBeGreaterThan(0);

    gateway.kill('SIGTERM');
    await Promise.all([wentAway, closed]);
    await until('nothing more is accepted', () => isClosed(http));
    expect(await watching).toContain('shutting down');
    expect(states).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
    expect(gateway.exitCode).toBeNull();
    writeFileSync(join(home, 'go'), '');
    expect((await answer).body).toMatchObject({ outcome: 'OK', stdout: 'done by itself\n' });
    expect(await ended).toBe(0);
    expect(stillRunning(below)).toEqual([]);
    expect(existsSync(join(home, 'run', 'gateway.json'))).toBe(false);
  },
  startAndDrainMs,
);

test(
  'a call that does not end has its grace, then a typed end; its process is gone with the gateway',
  async () => {
    const { gateway, ended, begun } = await startOne();
    const { answer } = await begun('while True:\n  try: time.sleep(600)\n  except BaseException: pass');
    const below = processesBelow(gateway.pid as number);
    const since = performance.now();
    gateway.kill('SIGTERM');
    const { status, body } = await answer;
    expect([status, body]).toEqual([200, expect.objectContaining({ outcome: 'WORKER_LOST', statePreserved: false })]);
    expect(await ended).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(4_900);
    expect(stillRunning(below)).toEqual([]);
  },
  startAndDrainMs,
);

test(
  'a second signal ends it at once, and nothing of it stays',
  async () => {
    const { http, gateway, ended, begun } = await startOne();
    const { answer } = await begun('time.sleep(600)');
    const cut = answer.catch(() => 'cut');
    const below = processesBelow(gateway.pid as number);
    const since = performance.now();
    gateway.kill('SIGTERM');
    await until('it has heard the first', () => isClosed(http));
    // Signals closer together than this are one: a terminal, npm and a parent each pass on the same Ctrl-C.
    await until('the first was long enough ago', () => performance.now() - since > 700);
    gateway.kill('SIGTERM');
    expect(await ended).toBe(130);
    expect(await cut).toBe('cut');
    await until('its processes are gone', () => stillRunning(below).length === 0, 10_000);
  },
  startAndDrainMs,
);

const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

// A PID 1 that waits for its one child alone, as many entry points of containers do.
const unreapingInit = 'import subprocess, sys; sys.exit(subprocess.Popen(sys.argv[1:]).wait())';

test.skipIf(!canUnshare)(
  'under a PID 1 that does not reap it starts, restarts and stops, and only its own ends stay to be reaped',
  async () => {
    made = await createSharedHome();
    const { home } = made;
    const python = join(process.env.BEEP_PYTHON_HOME as string, 'admin', 'bin', 'python');
    const beep = `"${process.execPath}" "${join(root, 'src', 'main.ts')}"`;
    const orphan = 'import subprocess; subprocess.run(["sh", "-c", "setsid sleep 600 & setsid true &"])';
    const script = [
      'set -e',
      `${beep} start --detach --http-port 0 --rpc-port 0 --pipe-name "${join(home, 'pipe')}" >&2`,
      `${beep} exec --fresh '${orphan}' >&2`,
      'echo running: $(ps -eo stat=,comm= | grep -c "^Z" || true)',
      `${beep} restart >&2`,
      `${beep} exec '${orphan}' >&2`,
      `${beep} stop >&2`,
      'echo ended: $(ps -eo stat=,pid= | grep -c "^Z" || true) of $(ps -eo pid= | wc -l)',
      `${beep} status --json || true`,
    ].join('\n');
    const inside = spawn(
      'unshare',
      ['--pid', '--fork', '--mount-proc', python, '-c', unreapingInit, 'sh', '-c', script],
      {
        env: { ...process.env, BEEP_PYTHON_HOME: home, npm_lifecycle_event: undefined },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    child = inside;
    const [said, told, [code]] = await Promise.all([text(inside.stdout), text(inside.stderr), once(inside, 'exit')]);
    expect(code, told).toBe(0);
    const [running, ended, ...status] = said.split('\n');
    expect(running, 'nothing of a session waits to be reaped').toBe('running: 0');
    // The two gateways, whose parents have ended; beside them the init, the shell, and what counts.
    expect(ended).toMatch(/^ended: 2 of [67]$/);
    expect(JSON.parse(status.join('\n'))).toMatchObject({ running: false });
  },
  startAndDrainMs,
);
