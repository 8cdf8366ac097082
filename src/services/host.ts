/** HostService: the machine, what it offers and how it is doing. */
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Call, ServiceImpl } from '../call.ts';
import {
  type GetHostResponse,
  GetHostResponseSchema,
  type GetStatsResponse,
  GetStatsResponseSchema,
  type HostService,
  IsolationLevel,
  type ListWorkersResponse,
  ListWorkersResponseSchema,
  StartMethod,
  WorkerState,
} from '../gen/es/beep/python/v1/host_pb.ts';
import type { HostFigures, WorkerFigures } from '../sessions/figures.ts';
import { durationOf } from './locate.ts';
import { createWatchHost, type WatchHostOptions } from './watch-host.ts';

/** What is fixed for as long as a gateway runs. */
export interface HostFacts {
  readonly version: string;
  readonly bootId: string;
  readonly startedAt: Date;
  readonly endpoints: () => { http: string | null; rpc: string | null; pipe: string | null };
  /** Empty where there is no runtime that can be used. */
  readonly defaultRuntimeId: () => Promise<string>;
  readonly defaultVenv: string;
  readonly maxMessageBytes: number;
  readonly maxTimeoutMs: number;
}

const protocols = {
  http: ['connect', 'grpc-web', 'grpc', 'rest', 'original-http'],
  rpc: ['grpc', 'original-rpc'],
  pipe: ['original-pipe'],
} as const;

/** The service, without what belongs to runtimes. */
export function createHostService(facts: HostFacts, watching: WatchHostOptions): ServiceImpl<typeof HostService> {
  const { figures } = watching;
  return {
    watchHost: createWatchHost(watching),
    async getHost(_request, { principal }: Call): Promise<GetHostResponse> {
      const endpoints = facts.endpoints();
      return create(GetHostResponseSchema, {
        version: facts.version,
        startedAt: timestampFromDate(facts.startedAt),
        bootId: facts.bootId,
        platform: `${process.platform}-${process.arch === 'x64' ? 'x86_64' : process.arch}`,
        endpoints: (['http', 'rpc', 'pipe'] as const).flatMap((name) => {
          const address = endpoints[name];
          return address === null ? [] : [{ name, address, protocols: [...protocols[name]] }];
        }),
        startMethod: startMethod(await figures.stats(), facts.defaultVenv),
        isolation: isolation(figures.mechanisms()),
        defaultRuntimeId: await facts.defaultRuntimeId(),
        defaultVenv: facts.defaultVenv,
        maxMessageBytes: facts.maxMessageBytes,
        maxTimeout: durationOf(facts.maxTimeoutMs),
        principal,
      });
    },
    async getStats(): Promise<GetStatsResponse> {
      const workers = await figures.stats();
      return create(GetStatsResponseSchema, {
        sessionsOpen: sum(workers, ({ stats }) => stats.sessionsOpen),
        sessionsBusy: sum(workers, ({ stats }) => stats.sessionsBusy),
        itemsQueued: sum(workers, ({ stats }) => stats.itemsQueued),
        executionsTotal: BigInt(sum(workers, ({ stats }) => Number(stats.executionsTotal))),
        workers: workers.map(({ workerId, stats }) => ({
          workerId,
          sessions: stats.sessionsOpen,
          residentBytes: stats.residentBytes,
          cpuTime: durationOf(stats.cpuSeconds * 1000),
        })),
        kinds: workers.flatMap(({ stats }) =>
          stats.kinds.map(({ venv, preload, open, createdTotal, acquireUs }) => {
            const sorted = acquireUs.toSorted((a, b) => a - b);
            return {
              venv,
              preload,
              open,
              createdTotal,
              acquireP50: durationOf(quantile(sorted, 0.5) / 1000),
              acquireP99: durationOf(quantile(sorted, 0.99) / 1000),
            };
          }),
        ),
      });
    },
    async listWorkers(): Promise<ListWorkersResponse> {
      const templates = new Map((await figures.stats()).map(({ workerId, stats }) => [workerId, stats]));
      return create(ListWorkersResponseSchema, {
        workers: figures.workers().map((worker) => ({
          id: worker.id,
          pid: worker.pid ?? 0,
          state: workerStates[worker.state],
          startedAt: worker.startedAt && timestampFromDate(worker.startedAt),
          sessions: templates.get(worker.id)?.sessionsOpen ?? 0,
          templates: templates.get(worker.id)?.templates ?? [],
          restarts: worker.restarts,
          lastError: worker.lastError,
        })),
      });
    },
  };
}

const workerStates: Readonly<Record<WorkerFigures['state'], WorkerState>> = {
  starting: WorkerState.STARTING,
  ready: WorkerState.READY,
  failed: WorkerState.FAILED,
};

/** As the default environment's sessions are started; as the platform has it while none has been yet. */
function startMethod(workers: Awaited<ReturnType<HostFigures['stats']>>, defaultVenv: string): StartMethod {
  const templates = workers
    .flatMap(({ stats }) => stats.templates)
    .filter(({ venv, preload }) => venv === defaultVenv && preload.length === 0);
  const isSpawned =
    templates.length === 0 ? process.platform !== 'linux' : templates.every(({ spawnReason }) => spawnReason !== '');
  return isSpawned ? StartMethod.SPAWN : StartMethod.FORK;
}

const isolation = (mechanisms: readonly string[]) => [
  { level: IsolationLevel.NONE, available: true, details: ['own process', 'environment from an allow-list'] },
  {
    level: IsolationLevel.LIMITS,
    available: true,
    details: ['private work and temp folders', 'umask 077', ...mechanisms],
  },
  { level: IsolationLevel.SANDBOXED, available: false, details: ['not built yet'] },
  { level: IsolationLevel.STRONG, available: false, details: ['not built yet'] },
];

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
