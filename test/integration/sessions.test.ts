/** What a session can be asked to be, by the public messages over native gRPC. */
import { existsSync, realpathSync } from 'node:fs';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CloseReason,
  SessionOrigin,
  type SessionSpecSchema,
  SessionState,
} from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { IsolationLevel } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { ErrorInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { durationOf } from '../matrix/messages.ts';
import { createExecuteClient } from '../support/execute-client.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { sharedAdminFolder } from './setup/test-home.ts';

const maxSessions = 4;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ flags: ['--max-sessions', String(maxSessions)], tokens: ['ann'] });
});
afterAll(() => gateway.stop());

/** A session that is closed at the end. */
async function open(spec: MessageInitShape<typeof SessionSpecSchema> = {}, client = createExecuteClient(gateway)) {
  const session = await client.createSession({ spec });
  return {
    session,
    async run(code: string): Promise<string> {
      const source = { case: 'code', value: code } as const;
      const result = await client.run({ where: { case: 'sessionId', value: session.id }, source });
      if (result.error !== undefined) throw new Error(result.error.traceback);
      return result.text;
    },
    get: () => client.getSession({ sessionId: session.id }),
    async [Symbol.asyncDispose]() {
      await client.closeSession({ sessionId: session.id }).catch(() => {}); // some have ended before
    },
  };
}

async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => 'it was not refused',
    (error) => ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason,
  );
}

test('a session runs in the environment named, with its own packages', async () => {
  const venv = sharedAdminFolder();
  await using own = await open({ venv });
  expect(own.session).toMatchObject({ venv, venvGeneration: 0 });
  expect(await own.run('import sys, grpc\nsys.prefix')).toBe(`'${venv}'`);
  await using plain = await open();
  expect(await plain.run('import importlib.util\nimportlib.util.find_spec("grpc")')).toBe('');
});

test('its variables, and nothing of the gateway, are in its environment', async () => {
  await using own = await open({ env: { COLOUR: 'blue', EMPTY: '' } });
  expect(await own.run('import os\n[os.environ["COLOUR"], os.environ["EMPTY"]]')).toBe("['blue', '']");
  expect(await own.run('[name for name in os.environ if "BEEP" in name or "TOKEN" in name]')).toBe('[]');
});

test('variables that count only at the start of an interpreter start one', async () => {
  await using own = await open({ env: { PYTHONHASHSEED: '7' } });
  expect(own.session.origin).toBe(SessionOrigin.SPAWNED);
  await using same = await open({ env: { PYTHONHASHSEED: '7' } });
  expect(await own.run('hash("text")')).toBe(await same.run('hash("text")'));
  expect(await own.run('import os\nos.environ["PYTHONHASHSEED"]')).toBe("'7'");
  await using other = await open({ env: { OMP_NUM_THREADS: '3', PYTHONPATH: '/nowhere' } });
  expect(await other.run('import os\n[os.environ["OMP_NUM_THREADS"], os.environ["PYTHONPATH"]]')).toBe(
    "['3', '/nowhere']",
  );
  const started = 'open("/proc/self/environ").read().split("\\0")';
  expect(await other.run(`[each for each in ${started} if each.startswith(("OMP_", "PYTHON"))]`)).toBe(
    "['OMP_NUM_THREADS=3']",
  );
  await using plain = await open();
  expect(plain.session.origin).toBe(SessionOrigin.FORKED);
});

test('what else an interpreter reads when it starts is heeded, too', async () => {
  await using strict = await open({ env: { PYTHONWARNINGS: 'error', PYTHONUTF8: '0', MALLOC_ARENA_MAX: '1' } });
  expect(await strict.run('import sys\n[sys.warnoptions, sys.flags.utf8_mode]')).toBe("[['error'], 0]");
});

test('PYTHONPATH comes before all but the folder that the code runs in', async () => {
  await using own = await open({ env: { PYTHONPATH: '/first:/second' } });
  expect(own.session.origin).toBe(SessionOrigin.FORKED);
  expect(await own.run('import sys\nsys.path[:3]')).toBe("['', '/first', '/second']");
});

test('modules named in advance are there at once, and one that cannot be imported is named', async () => {
  await using own = await open({ preload: ['decimal'] });
  expect(await own.run('import sys\n"decimal" in sys.modules')).toBe('True');
  const missing = await open({ preload: ['decimal', 'no_such_module'] }).catch(ConnectError.from);
  expect(missing).toMatchObject({ message: expect.stringContaining('no_such_module') });
  expect(await reasonOf(Promise.reject(missing))).toBe('START_FAILED');
});

test('a session has a folder of its own, which goes when it ends', async () => {
  const own = await open();
  const { workspace } = own.session;
  const folder = realpathSync(workspace); // as the kernel tells it
  expect(await own.run('import os, tempfile\nopen("kept", "w").close()\nos.getcwd()')).toBe(`'${folder}'`);
  expect(await own.run('tempfile.gettempdir() != "/tmp", oct(os.stat(".").st_mode & 0o777), os.umask(0o77)')).toBe(
    "(True, '0o700', 63)",
  );
  await own.run('import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", "pass"]).wait()');
  await expect(own.run('os.abort()')).resolves.toBe('');
  expect(await own.run('import os\nos.listdir()'), 'it is kept across generations').toBe("['kept']");
  await own[Symbol.asyncDispose]();
  expect(existsSync(workspace)).toBe(false);
});

test('a folder to start in', async () => {
  await using inside = await open({ cwd: 'a/b' });
  expect(await inside.run('import os\nos.getcwd()[-8:]')).toBe("'work/a/b'");
  await using outside = await open({ cwd: '/' });
  expect(await outside.run('import os\nos.getcwd()')).toBe("'/'");
  expect(await reasonOf(open({ cwd: '../..' }))).toBe('INVALID_ARGUMENT');
  expect(await reasonOf(open({ cwd: '/no/such/folder' }))).toBe('INVALID_ARGUMENT');
});

test('one that nobody uses ends, and one that is used lives on', async () => {
  await using idle = await open({ idleTimeout: durationOf(0.3) });
  await using used = await open({ idleTimeout: durationOf(0.3) });
  const running = used.run('import time\ntime.sleep(0.7)\n"awake"');
  await until('it has ended', async () => (await idle.get()).state === SessionState.CLOSED);
  expect((await idle.get()).closeReason).toBe(CloseReason.IDLE_TIMEOUT);
  expect(await reasonOf(idle.run('1'))).toBe('SESSION_CLOSED');
  expect(await running).toBe("'awake'");
});

test('one that has come of age ends, used or not', async () => {
  await using own = await open({ lifetime: durationOf(0.3) });
  const running = own.run('while True: pass');
  await expect(running).resolves.toBe('');
  await until('it has ended', async () => (await own.get()).state === SessionState.CLOSED);
  expect((await own.get()).closeReason).toBe(CloseReason.LIFETIME);
});

test('sessions are found by their labels and their environment, newest first, page by page', async () => {
  const client = createExecuteClient(gateway);
  await using first = await open({ labels: { team: 'a' } });
  await using second = await open({ labels: { team: 'a', job: 'x' } });
  await using third = await open({ labels: { team: 'b' } });
  const ids = async (request: Parameters<typeof client.listSessions>[0]) =>
    (await client.listSessions(request)).sessions.map(({ id }) => id);
  expect(await ids({ labels: { team: 'a' } })).toEqual([second.session.id, first.session.id]);
  expect(await ids({ labels: { team: 'a', job: 'x' } })).toEqual([second.session.id]);
  expect(await ids({ venv: 'nobody' })).toEqual([]);
  const page = await client.listSessions({ pageSize: 2 });
  expect(page.sessions.map(({ id }) => id)).toEqual([third.session.id, second.session.id]);
  expect(await ids({ pageToken: page.nextPageToken, pageSize: 2 })).toEqual([first.session.id]);
  await client.closeSession({ sessionId: first.session.id });
  expect(await ids({ includeClosed: true })).toContain(first.session.id);
});

test('when no more sessions fit, the next one is refused, and there is room again after a close', async () => {
  await using _first = await open();
  await using _second = await open();
  await using _third = await open({}, createExecuteClient(gateway, 'ann'));
  const last = await open();
  expect(await reasonOf(open())).toBe('QUOTA_EXCEEDED');
  const fresh = { where: { case: 'fresh', value: {} }, source: { case: 'code', value: '1' } } as const;
  expect(await reasonOf(createExecuteClient(gateway).run(fresh))).toBe('QUOTA_EXCEEDED');
  await last[Symbol.asyncDispose]();
  expect((await createExecuteClient(gateway).run(fresh)).text).toBe('1');
});

test('isolation and limits that cannot be had are refused, and what is in force is told', async () => {
  await using own = await open();
  expect(own.session.isolation).toBe(IsolationLevel.LIMITS);
  expect(own.session.isolationDetails.length).toBeGreaterThan(0);
  for (const spec of [{ isolation: IsolationLevel.SANDBOXED }, { isolation: IsolationLevel.STRONG }]) {
    expect(await reasonOf(open(spec))).toBe('ISOLATION_UNAVAILABLE');
  }
  expect(await reasonOf(open({ preload: ['not a module'] }))).toBe('INVALID_ARGUMENT');
  expect(await reasonOf(open({ env: { 'A=B': '1' } }))).toBe('INVALID_ARGUMENT');
});

test('fifty sessions at once are fifty processes, and none is left', async () => {
  const many = await startGateway();
  const client = createExecuteClient(many);
  const sessions = await Promise.all(Array.from({ length: 50 }, () => client.createSession({})));
  const pids = await Promise.all(
    sessions.map(async ({ id }) => {
      const source = { case: 'code', value: 'import os\nos.getpid()' } as const;
      return (await client.run({ where: { case: 'sessionId', value: id }, source })).text;
    }),
  );
  expect(new Set(pids).size).toBe(50);
  await many.stop();
});
