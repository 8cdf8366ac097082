/** The gateway is killed over and over, at any moment: each time nothing is left, and the next one starts at once. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { cgroupsOf } from '../support/cgroups.ts';
import { createSharedHome, startGateway } from '../support/gateway.ts';
import { processesMarked, stillRunning } from '../support/processes.ts';
import { createProgress } from '../support/progress.ts';
import { until } from '../support/until.ts';
import { listWorkers } from '../support/workers.ts';
import { startDaemon } from './marked.ts';
import { createNumbers } from './numbers.ts';

const times = 200;
const names = Object.keys(transports) as TransportName[];
const principals = ['default', 'ann', 'bob'];

test(`${times} gateways that are killed, busy and with daemons below them, leave nothing to the next one`, {
  timeout: 2_400_000,
}, async () => {
  const next = createNumbers(times);
  const progress = createProgress('gateways killed', times);
  const marker = `marker-${randomUUID()}`;
  await using made = await createSharedHome();
  const { home } = made;
  const startsMs: number[] = [];
  const endsMs: number[] = [];
  for (let round = 0; round < times; round++) {
    const startedAt = performance.now();
    const gateway = await startGateway({
      home,
      tokens: principals.slice(1),
      flags: ['--session-memory-bytes', '1GiB', '--session-processes', '64'],
    });
    startsMs.push(performance.now() - startedAt);
    expect(readdirSync(join(home, 'run', 'sessions')), 'folders of earlier sessions').toEqual([]);
    const pids = (await listWorkers(gateway)).map(({ pid }) => pid);
    const readers = names.map((name, i) => {
      const client = transports[name]({ ...gateway, token: gateway.token(principals[i % principals.length]) });
      const reading = follow(
        client.execute({ ...(i % 2 === 0 && { fresh: true }), code: `${startDaemon(marker)}while True: pass` }),
      );
      return { client, reading, isUp: reading.first('stdout') };
    });
    for (const { isUp } of readers) isUp.catch(() => {}); // it may be killed before
    // When none is up yet, when the first is, ..., when all are; those of one default session wait for each other.
    const moment = next(names.length + 1);
    let up = 0;
    if (moment > 0) {
      await new Promise<void>((resolve) => {
        for (const { isUp } of readers)
          void isUp.then(
            () => ++up === moment && resolve(),
            () => {},
          );
      });
    }
    const below = await gateway.kill();
    const killedAt = performance.now();
    for (const { reading } of readers) await expect(reading.all).rejects.toThrow();
    await until('all below it has ended', () => stillRunning(below).length === 0, 5000);
    await until('no daemon is left', () => processesMarked(marker).length === 0, 5000);
    endsMs.push(performance.now() - killedAt);
    expect(processesWithin(home)).toEqual([]);
    for (const { client } of readers) client.close();

    if (round % 10 === 9) {
      await using after = await startGateway({ home });
      const client = transports['native gRPC']({ ...after, token: after.token() });
      expect(await client.run({ code: '6 * 7' })).toMatchObject({ outcome: 'OK', value: { text: '42' } });
      expect(await client.listSessions()).toHaveLength(1);
      client.close();
      for (const controller of ['memory', 'pids']) expect(cgroupsOf(controller, pids)).toEqual([]);
    }
    progress();
  }
  console.log(`starts: ${spread(startsMs)}; until nothing was left: ${spread(endsMs)}`);
  expect(Math.max(...startsMs)).toBeLessThan(30_000);
});

/** Processes of ours that nobody has marked: their folder, or what they were told, lies in a home. */
function processesWithin(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(home) ||
          readFileSync(`/proc/${pid}/environ`, 'latin1').includes(home)
        );
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

function spread(all: readonly number[]): string {
  const sorted = [...all].sort((a, b) => a - b).map(Math.round);
  return `${sorted[0]} to ${sorted.at(-1)} ms, half within ${sorted[sorted.length >> 1]} ms`;
}
