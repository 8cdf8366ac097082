/** The libraries whose preloading is promised, as they are: each can be forked, and computes in its session. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { createGrpcClient } from '../matrix/grpc.ts';
import { buildTimeoutMs, scientificEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';

let gateway: TestGateway;
let client: Client;
let venv: string;

beforeAll(async () => {
  venv = await scientificEnvironment();
  gateway = await startGateway();
  client = createGrpcClient(gateway.rpc, gateway.token());
}, buildTimeoutMs);
afterAll(async () => {
  client?.close();
  await gateway?.stop();
});

const computations = {
  numpy: 'import numpy; a = numpy.ones((600, 600)); float((a @ a)[5, 5]) == 600',
  scipy: 'import numpy, scipy.linalg; bool(abs(scipy.linalg.inv(numpy.eye(300)).sum() - 300) < 1e-6)',
  sklearn:
    'import numpy\nfrom sklearn.cluster import KMeans\nlen(KMeans(3, n_init=2).fit(numpy.random.rand(500, 3)).labels_) == 500',
  pandas: 'import pandas; int(pandas.DataFrame({"a": [1, 2]}).a.sum()) == 3',
  pyarrow:
    'import os, pyarrow, pyarrow.compute\npyarrow.compute.sum(pyarrow.array([1, 2])).as_py() == 3 and pyarrow.cpu_count() == len(os.sched_getaffinity(0)) and pyarrow.io_thread_count() == 8',
  matplotlib: 'import io, matplotlib.figure; matplotlib.figure.Figure().savefig(io.BytesIO()) is None',
};
const modules = Object.keys(computations);

test.each([...modules.map((module) => [module]), modules])(
  '%s is forked, and works',
  async (...preload) => {
    const session = await client.createSession({ venv, preload });
    expect(session.origin).toBe('FORKED');
    for (const { templatePids } of await listWorkers(gateway)) {
      for (const pid of templatePids) expect(readdirSync(`/proc/${pid}/task`)).toHaveLength(1);
    }
    for (const module of preload) {
      const { value, error } = await client.run({
        sessionId: session.id,
        code: computations[module as keyof typeof computations],
      });
      expect(error).toBeNull();
      expect(value?.text).toBe('true');
    }
    await client.closeSession(session.id);
  },
  60_000,
);
