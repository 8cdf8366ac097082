/** The lower half of the gateway in this process, with workers of its own: what is left when no port is in the way. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Call, encoded, incomingBytes } from '../src/call.ts';
import { systemClock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import {
  ExecuteRequestSchema,
  ExecutionResultSchema,
  SessionSchema,
  SessionSpecSchema,
} from '../src/gen/es/beep/python/v1/execute_pb.ts';
import { createLogger } from '../src/log.ts';
import { createExecuteService } from '../src/services/execute.ts';
import { createSessionDirectory } from '../src/sessions/directory.ts';
import { createHostChanges } from '../src/sessions/host-changes.ts';
import { homeLayout } from '../src/venvs/layout.ts';
import { createResolver } from '../src/venvs/resolve.ts';
import { createWorkerPool } from '../src/workers/pool.ts';
import { checkTwo, code } from './clients/gateway.ts';
import type { Context } from './measure.ts';
import { root } from './places.ts';

/** What runs `1+1` in a session, once, at two heights. */
export interface InProcess {
  link(): Promise<void>;
  service(): Promise<void>;
}

const principal = 'bench';

/** Starts a worker and opens a session on it. */
export async function openInProcess({ gateway, stack }: Context): Promise<InProcess> {
  const config = readConfig({ home: gateway.home }, {});
  const adminFolder = await realpath(join(config.home, 'admin'));
  const layout = homeLayout(config.home, adminFolder, config.packageCache);
  const resolveEnvironment = createResolver(layout);
  const folder = await mkdtemp(join(tmpdir(), 'beep-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const pool = createWorkerPool({
    ...config,
    size: 1,
    sessionsFolder: folder,
    clock: systemClock,
    log: createLogger({ level: 'warn', format: 'json', secrets: [] }),
    python: layout.adminPython,
    pythonFolder: join(root, 'python'),
    socketFolder: folder,
    logFolder: join(folder, 'logs'),
    maxSessions: config.maxSessionsPerWorker,
  });
  const directory = createSessionDirectory({
    pool,
    changes: createHostChanges(),
    workspaces: join(folder, 'sessions'),
    maxSessions: 10,
    maxSessionsPerWorker: 10,
  });
  await pool.start([directory]);
  stack.defer(() => pool.close());
  const environment = await resolveEnvironment(config.venv);
  const spec = toBinary(SessionSpecSchema, create(SessionSpecSchema, { venv: environment.name }));
  const { id: sessionId } = fromBinary(
    SessionSchema,
    await directory.open({ principal, environment, preload: [], spec }),
  );
  const { service } = createExecuteService({ directory, defaults: { ...config, resolveEnvironment } });
  const where = { case: 'sessionId', value: sessionId } as const;
  const request = create(ExecuteRequestSchema, { where, source: { case: 'code', value: code } });
  const body = toBinary(ExecuteRequestSchema, request);
  const call = { principal, onAbort: () => () => {} } as unknown as Call;
  let calls = 0;
  return {
    async link() {
      const item = { id: `bench-${++calls}`, body };
      checkTwo(fromBinary(ExecutionResultSchema, await directory.attachment(principal, sessionId).result(item, call)));
    },
    async service() {
      const answer = await service.run(incomingBytes(ExecuteRequestSchema, body), call);
      checkTwo(fromBinary(ExecutionResultSchema, encoded(ExecutionResultSchema, answer)));
    },
  };
}
