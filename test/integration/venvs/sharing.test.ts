/** Many callers and two processes want one environment: one build, and everybody hears whom they wait for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VenvState } from '../../../src/gen/es/beep/python/v1/venv_pb.ts';
import { createExecuteClient } from '../../support/execute-client.ts';
import { startGateway } from '../../support/gateway.ts';
import { processesBelow, stillRunning } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { createVenvClient, told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { createTestHome } from '../setup/test-home.ts';

let own: VenvGateway;
/** Answers for `leaf` wait here while a test wants them to. */
let gate: { readonly opened: Promise<void>; open(): void } | undefined;
let askedForLeaf = 0;

beforeAll(async () => {
  own = await startVenvGateway({
    index: {
      misbehave(path, response) {
        if (path !== '/simple/leaf/' || gate === undefined) return false;
        askedForLeaf++;
        const held = gate;
        void held.opened.then(() => response.writeHead(503).end());
        return true;
      },
    },
  });
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** From now on whoever asks for `leaf` waits. */
function closeGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const closed = {
    opened: promise,
    open() {
      gate = undefined;
      resolve();
    },
    [Symbol.dispose]: () => closed.open(),
  };
  gate = closed;
  askedForLeaf = 0;
  return closed;
}

/** Another process has the lock of a file. */
async function holdLock(path: string) {
  const child = spawn('python3', ['-c', holding, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const release = async () => {
    child.stdin.end();
    await ended;
  };
  return { release, [Symbol.asyncDispose]: release };
}

const holding = `
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
`;

const uvProcesses = () => processesBelow(own.gateway.pid).filter(({ commandLine }) => / (pip|venv) /.test(commandLine));

/** Waits until uv stands before the gate. */
const uvWaits = () => until('uv asks for leaf', () => askedForLeaf > 0, 20_000);

test('fifty who ensure the same new environment get it from one build', async () => {
  const spec = { packages: ['tree==1.0'] };
  const all = await Promise.all(Array.from({ length: 50 }, () => told(own.venvs.ensureVenv({ name: 'fifty', spec }))));
  expect(new Set(all.map(({ result }) => result.venv?.generation))).toEqual(new Set([1]));
  expect((await own.venvs.getVenv({ name: 'fifty' })).history).toHaveLength(1);
  // Each uv asks once what versions there are.
  expect(own.index.asked.filter((path) => path === '/simple/tree/')).toHaveLength(1);
});

test('whoever waits hears for whom, also when another process has it', async () => {
  await told(own.venvs.createVenv({ name: 'waited' }));
  await using other = await createTestHome();
  mkdirSync(join(own.home, 'envs'), { recursive: true });
  symlinkSync(join(own.home, 'envs'), join(other.home, 'envs'));
  await using second = await startGateway({ home: other.home, flags: ['--package-index', own.index.url] });
  using held = closeGate();
  const first = told(own.venvs.installPackages({ name: 'waited', packages: ['leaf'] }));
  first.catch(() => {});
  await uvWaits();
  const { promise: bothWait, resolve: waits } = Promise.withResolvers<void>();
  const words: string[] = [];
  const listen = (progress: { phase: string; message: string }) => {
    if (progress.phase !== 'wait') return;
    if (words.push(progress.message) === 2) waits();
  };
  const waiting = [own.venvs, createVenvClient(second)].map((venvs) =>
    told(venvs.installPackages({ name: 'waited', packages: ['stone'] }), listen),
  );
  await bothWait;
  expect(words).toContain('waits for: install leaf');
  expect(words).toContain(`waits for: install leaf (process ${own.gateway.pid})`);
  held.open();
  await first;
  const ended = await Promise.all(waiting);
  expect(ended.filter(({ result }) => result.unchanged)).toHaveLength(1);
  expect(await own.venvs.getVenv({ name: 'waited' })).toMatchObject({ generation: 3, packageCount: 2 });
});

test('a build goes on while one caller waits for it, and uv ends with the last', async () => {
  using held = closeGate();
  const spec = { packages: ['leaf'] };
  const callers = Array.from({ length: 3 }, () => {
    const stop = new AbortController();
    const running = told(own.venvs.ensureVenv({ name: 'left', spec }, { signal: stop.signal }));
    running.catch(() => {});
    return { stop, running };
  });
  await uvWaits();
  const uv = uvProcesses();
  expect(uv).not.toHaveLength(0);
  for (const { stop, running } of callers.slice(1)) {
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: Code.Canceled });
  }
  expect((await own.venvs.getVenv({ name: 'left' })).state).toBe(1);
  expect(stillRunning(uv)).toHaveLength(uv.length);
  callers[0]?.stop.abort();
  await until('uv has ended', () => stillRunning(uv).length === 0);
  await until('nothing is left', () => !readdirSync(join(own.home, 'envs')).includes('left'));
  held.open();
  const again = await told(own.venvs.ensureVenv({ name: 'left', spec }));
  expect(again.result).toMatchObject({ unchanged: false, venv: { generation: 1 } });
});

test('a caller whose deadline passes leaves what was in force', async () => {
  await told(own.venvs.createVenv({ name: 'late', spec: { packages: ['stone'] } }));
  using held = closeGate();
  const late = told(own.venvs.installPackages({ name: 'late', packages: ['leaf'] }, { timeoutMs: 3000 }));
  const failure = ConnectError.from(await late.catch((error) => error));
  expect(failure.code).toBe(Code.DeadlineExceeded);
  await until('it is over', () => uvProcesses().length === 0);
  held.open();
  expect(await own.venvs.getVenv({ name: 'late' })).toMatchObject({ generation: 1, packageCount: 1, state: 2 });
});

test('what cannot say that it waits is told that the environment is busy', async () => {
  await told(own.venvs.createVenv({ name: 'busy' }));
  using held = closeGate();
  const running = told(own.venvs.installPackages({ name: 'busy', packages: ['leaf'] }));
  await uvWaits();
  for (const call of [own.venvs.deleteVenv, own.venvs.rollbackVenv]) {
    await expect(call({ name: 'busy' })).rejects.toThrow(
      'environment is busy: "busy": install leaf; retry when it is done',
    );
  }
  held.open();
  await running;
  await own.venvs.deleteVenv({ name: 'busy' });
});

test('an environment that is being made says so to those who would run or look in it, and by whom', async () => {
  using held = closeGate();
  const name = 'unborn';
  const making = told(own.venvs.ensureVenv({ name, spec: { packages: ['leaf'] } }));
  await uvWaits();
  const busy = `environment is busy: "unborn": ensure unborn (process ${own.gateway.pid}); retry when it is done`;
  const where = { case: 'fresh', value: { venv: name } } as const;
  const run = () => createExecuteClient(own.gateway).run({ where, source: { case: 'code', value: '1' } });
  await expect(run()).rejects.toThrow(busy);
  for (const look of [own.venvs.listPackages, own.venvs.checkVenv, own.venvs.exportVenv]) {
    await expect(look({ name })).rejects.toThrow(busy);
  }
  await expect(told(own.venvs.cloneVenv({ name, newName: 'twin' }))).rejects.toThrow('environment is busy: "unborn"');
  expect((await own.venvs.getVenv({ name })).state).toBe(VenvState.BUILDING);
  held.open();
  await making;
  expect((await run()).text).toBe('1');
});

test('a change whose environment was deleted while it waited says so', async () => {
  const name = 'short-lived';
  await told(own.venvs.createVenv({ name }));
  await using lock = await holdLock(join(own.home, 'envs', `${name}.lock`));
  const { promise: hasWaited, resolve: waits } = Promise.withResolvers<void>();
  const change = told(
    own.venvs.installPackages({ name, packages: ['stone'] }),
    ({ phase }) => phase === 'wait' && waits(),
  );
  change.catch(() => {});
  await hasWaited;
  rmSync(own.folder(name), { recursive: true });
  await lock.release();
  await expect(change).rejects.toThrow('environment was deleted meanwhile: "short-lived"; create it anew');
  expect(readdirSync(join(own.home, 'envs')).filter((file) => file.startsWith(name))).toEqual([]);
});

test('of two who create the same, one does', async () => {
  const create = () => told(own.venvs.createVenv({ name: 'twice' }));
  const ended = await Promise.allSettled([create(), create()]);
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('changes of different environments do not wait for each other', async () => {
  using held = closeGate();
  const slow = told(own.venvs.createVenv({ name: 'slow', spec: { packages: ['leaf'] } }));
  await uvWaits();
  await told(own.venvs.createVenv({ name: 'quick', spec: { packages: ['stone'] } }));
  held.open();
  await slow;
});

test('a gateway that is told to end ends what it builds', async () => {
  const short = await startVenvGateway({
    index: { misbehave: (path) => path === '/simple/leaf/' },
  });
  const running = told(short.venvs.createVenv({ name: 'cut', spec: { packages: ['leaf'] } }));
  running.catch(() => {});
  await until('uv asks for leaf', () => short.index.asked.includes('/simple/leaf/'), 20_000);
  await short.gateway.stop();
  await expect(running).rejects.toThrow('the gateway is shutting down');
  expect(readdirSync(join(short.home, 'envs'))).not.toContain('cut');
  await short[Symbol.asyncDispose]();
});
