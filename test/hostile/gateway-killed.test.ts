/** The gateway itself is killed: nothing of it is left, and it starts again at once. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { createSharedHome, startGateway } from '../support/gateway.ts';
import { processesBelow, processesMarked, stillRunning } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { listWorkers, type WorkerFacts } from '../support/workers.ts';
import { startDaemon, untilMarked } from './marked.ts';

test('daemons of its sessions end with it, streams end, and another one starts on the same home', async () => {
  const marker = `marker-${randomUUID()}`;
  await using made = await createSharedHome();
  const gateway = await startGateway({ home: made.home, tokens: ['ann', 'bob'] });
  const target = (principal?: string) => ({ ...gateway, token: gateway.token(principal) });
  const readers = (Object.keys(transports) as TransportName[]).map((name, i) => {
    const client = transports[name](target(['default', 'ann', 'bob'][i % 3]));
    return { client, reading: follow(client.execute({ fresh: true, code: `${startDaemon(marker)}while True: pass` })) };
  });
  await Promise.all(readers.map(({ reading }) => reading.first('stdout')));
  await untilMarked(marker, readers.length);

  const below = await gateway.kill();
  expect(below.length).toBeGreaterThan(2 * readers.length);
  for (const { reading } of readers) await expect(reading.all).rejects.toThrow();
  await until('all below it has ended', () => stillRunning(below).length === 0, 2000);
  expect(processesMarked(marker)).toEqual([]);

  await using next = await startGateway({ home: made.home });
  const client = transports['native gRPC']({ ...next, token: next.token() });
  expect(await client.run({ code: '6 * 7' })).toMatchObject({ outcome: 'OK', value: { text: '42' } });
  expect(await client.listSessions()).toHaveLength(1);
  const folders = readdirSync(join(made.home, 'run', 'sessions'), { recursive: true }).map(String);
  const ofSessions = folders.filter((path) => path.split('/').length === 2);
  expect(ofSessions, 'no folder of an earlier session is left').toHaveLength(1);
  for (const { client: earlier } of readers) earlier.close();
  client.close();
});

test('what outlives a gateway that was killed together with its keepers and workers ends when the next one starts', async () => {
  const marker = `marker-${randomUUID()}`;
  await using made = await createSharedHome();
  const gateway = await startGateway({ home: made.home });
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const reading = follow(client.execute({ fresh: true, code: `${startDaemon(marker)}while True: pass` }));
  await reading.first('stdout');
  await untilMarked(marker, 1);
  reading.all.catch(() => {}); // it breaks
  const theirs = processesBelow(gateway.pid).filter(({ commandLine }) =>
    /beep_worker\.(keeper|server)/.test(commandLine),
  );
  // All of them at once: whoever is left a moment longer would end the rest.
  for (const { pid } of theirs) process.kill(pid, 'SIGSTOP');
  const below = await gateway.kill();
  for (const { pid } of theirs) process.kill(pid, 'SIGKILL');
  await until('those have ended', () => stillRunning(theirs).length === 0, 2000);
  expect(stillRunning(below).length, 'the session and its daemon go on').toBeGreaterThan(1);

  await using next = await startGateway({ home: made.home });
  expect(stillRunning(below)).toEqual([]);
  expect(processesMarked(marker)).toEqual([]);
  expect(next.log()).toMatch(/processes of an earlier gateway were ended/);
  client.close();
});

test('sockets of its workers, restarted ones too, do not stay through a later start', async () => {
  await using made = await createSharedHome();
  const sockets = () => readdirSync(join(made.home, 'run')).filter((name) => name.includes('.sock'));
  const gateway = await startGateway({ home: made.home });
  const [worker] = (await listWorkers(gateway)) as [WorkerFacts];
  process.kill(worker.pid, 'SIGKILL');
  await until('another worker is there', async () =>
    (await listWorkers(gateway)).every(({ id, state }) => id !== worker.id && state === 'WORKER_STATE_READY'),
  );
  await gateway.kill();
  expect(sockets()).toContain('w1-2.sock');
  const next = await startGateway({ home: made.home });
  expect(sockets().filter((name) => !/^w[12]\.sock/.test(name))).toEqual([]);
  await next.stop();
  expect(sockets()).toEqual([]);
});

test('sockets that have to be elsewhere, since the home has a long path, are found again', async () => {
  await using made = await createSharedHome();
  const home = join(made.home, 'long'.repeat(20));
  mkdirSync(home, { mode: 0o700 });
  for (const name of ['admin', 'envs']) symlinkSync(readlinkSync(join(made.home, name)), join(home, name));
  const link = join(home, 'run', 'sockets');
  const gateway = await startGateway({ home });
  const before = readlinkSync(link);
  expect(readdirSync(before)).toContain('w1.sock');
  await gateway.kill();
  const next = await startGateway({ home });
  expect(existsSync(before)).toBe(false);
  const after = readlinkSync(link);
  await next.stop();
  expect(existsSync(after)).toBe(false);
  expect(readdirSync(join(home, 'run'))).not.toContain('sockets');
});

test('told to end, it lets calls end for a while and then stops their code', async () => {
  const marker = `marker-${randomUUID()}`;
  const gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const reading = follow(client.execute({ fresh: true, code: `${startDaemon(marker)}while True: pass` }));
  const patient = follow(client.execute({ fresh: true, code: 'import time\nprint("up")\ntime.sleep(1)\n"done"' }));
  await Promise.all([reading.first('stdout'), patient.first('stdout')]);
  await gateway.stop();
  expect((await patient.all).at(-1)).toMatchObject({ outcome: 'OK' });
  expect((await reading.all).at(-1)).toMatchObject({
    type: 'finished',
    outcome: 'WORKER_LOST',
    statePreserved: false,
    generation: 1,
    message: expect.stringMatching(/^the gateway was shut down before/),
  });
  expect(processesMarked(marker)).toEqual([]);
  client.close();
});
