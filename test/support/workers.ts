/** What a gateway says of its workers. */
import type { TestGateway } from './gateway.ts';

/** One worker. */
export interface WorkerFacts {
  readonly id: string;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
  readonly templatePids: readonly number[];
}

/** Protobuf's JSON leaves out what is zero. */
interface WorkerJson {
  id: string;
  pid?: number;
  state: string;
  restarts?: number;
  templates?: { pid: number }[];
}

/** The workers by ListWorkers. */
export async function listWorkers(gateway: TestGateway): Promise<WorkerFacts[]> {
  const response = await fetch(`${gateway.http}/beep.python.v1.HostService/ListWorkers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw new Error(await response.text());
  const { workers } = (await response.json()) as { workers: WorkerJson[] };
  return workers.map(({ id, pid = 0, state, restarts = 0, templates = [] }) => ({
    id,
    pid,
    state,
    restarts,
    templatePids: templates.map((template) => template.pid),
  }));
}

/** The worker that a session of the first principal lives on. */
export async function workerOf(gateway: TestGateway, sessionId: string, token = gateway.token()): Promise<WorkerFacts> {
  const response = await fetch(`${gateway.http}/sessions/${sessionId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { workerId } = (await response.json()) as { workerId: string };
  const worker = (await listWorkers(gateway)).find(({ id }) => id === workerId);
  if (worker === undefined) throw new Error(`no worker ${workerId}`);
  return worker;
}
