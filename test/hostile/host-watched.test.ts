/** Deaths of workers and templates, and the end of the gateway, as those see them who watch the host. */
import { expect, test } from 'vitest';
import { CallFailed } from '../matrix/client.ts';
import { watchHost } from '../matrix/host-watch.ts';
import { transports } from '../matrix/transports.ts';
import { startGateway } from '../support/gateway.ts';
import { listWorkers, workerOf } from '../support/workers.ts';

test('a worker that is killed is lost with its sessions, and there again', async () => {
  await using gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const session = await client.createSession();
  const worker = await workerOf(gateway, session.id);
  {
    await using host = await watchHost(client);
    process.kill(worker.pid, 'SIGKILL');
    expect((await host.until('worker.lost', worker.id)).message).not.toBe('');
    const closed = await host.until('session.closed', session.id);
    expect(closed.attributes).toMatchObject({ close_reason: 'WORKER_LOST', worker_id: worker.id });
    const starting = await host.until('worker.starting');
    expect(starting.subject).toBe(`${worker.id}-2`);
    const ready = await host.until('worker.ready', starting.subject);
    expect(ready.attributes).toMatchObject({ restarts: '1' });
    const found = (await listWorkers(gateway)).find(({ id }) => id === ready.subject);
    expect(found).toMatchObject({ state: 'WORKER_STATE_READY', restarts: 1, pid: Number(ready.attributes.pid) });
  }
  client.close();
});

test('a template that is killed has ended, and its successor starts with the next session', async () => {
  await using gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const session = await client.createSession();
  const { id, templatePids } = await workerOf(gateway, session.id);
  expect(templatePids).toHaveLength(1);
  {
    await using host = await watchHost(client);
    const [pid] = templatePids as [number];
    expect(host.before).toContainEqual(expect.objectContaining({ kind: 'template.started', subject: String(pid) }));
    process.kill(pid, 'SIGKILL');
    const ended = await host.until('template.ended', String(pid));
    expect(ended).toMatchObject({ message: 'it ended by itself: signal 9', attributes: { worker_id: id } });
    expect(await client.run({ sessionId: session.id, code: '6 * 7' })).toMatchObject({ text: '42' });
    await client.closeSession((await client.createSession()).id);
    const started = await host.until('template.started');
    expect(started.attributes).toMatchObject({ worker_id: id, venv: 'default' });
    expect((await workerOf(gateway, session.id)).templatePids).toEqual([Number(started.subject)]);
  }
  client.close();
});

test('a gateway that is told to end says so to those who watch it', async () => {
  const gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const host = await watchHost(client);
  const stopping = gateway.stop();
  await host.until('drain.started');
  await expect(host.next()).rejects.toSatisfy((e) => e instanceof CallFailed && e.reason === 'DRAINING');
  await stopping;
  client.close();
});
