/** grpc.health.v1: what load balancers and orchestrators ask. */
import { create } from '@bufbuild/protobuf';
import type { Call, MountedService } from '../call.ts';
import { mount } from '../call.ts';
import { BeepError, errors, GrpcCode, quoted } from '../errors.ts';
import {
  Health,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../gen/es/grpc/health/v1/health_pb.ts';

/** What the service tells of. */
export interface HealthOptions {
  /** Names of the services; all of them are in the state of the whole. */
  services: readonly string[];
  isReady: () => boolean;
  /** Calls back when `isReady` may have changed; the returned function ends that. */
  onChange?: (listener: () => void) => () => void;
  /** It shuts down: who watches is told, and is not waited for. */
  hasEnded?: () => boolean;
}

/** Makes the service. */
export function createHealthService({ services, isReady, onChange, hasEnded }: HealthOptions): MountedService {
  const names = new Set(['', Health.typeName, ...services]);
  const stateOf = (service: string): ServingStatus => {
    if (!names.has(service)) return ServingStatus.SERVICE_UNKNOWN;
    return isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  };
  const answer = (status: ServingStatus): HealthCheckResponse => create(HealthCheckResponseSchema, { status });
  return mount(Health, {
    async check({ message: { service } }) {
      const state = stateOf(service);
      // The health protocol asks for NOT_FOUND here.
      if (state === ServingStatus.SERVICE_UNKNOWN) throw unknownService(service);
      return answer(state);
    },
    async list() {
      const statuses = Object.fromEntries([...names].map((name) => [name, answer(stateOf(name))]));
      return create(HealthListResponseSchema, { statuses });
    },
    async *watch({ message: { service } }, call) {
      let last: ServingStatus | undefined;
      for await (const _ of changes(call, onChange)) {
        const state = stateOf(service);
        if (state !== last) yield answer(state);
        last = state;
        if (hasEnded?.()) throw errors.draining();
      }
    },
  });
}

function unknownService(service: string): BeepError {
  return new BeepError('ROUTE_NOT_FOUND', `no such service: ${quoted(service)}`, { code: GrpcCode.NOT_FOUND });
}

/** Once at first, then after each change, until the caller goes away. */
async function* changes(call: Call, onChange: HealthOptions['onChange']): AsyncGenerator<void> {
  let wake = () => {};
  let hasChanged = true;
  const stop = onChange?.(() => {
    hasChanged = true;
    wake();
  });
  const onAbort = () => wake();
  call.signal.addEventListener('abort', onAbort);
  try {
    while (!call.signal.aborted) {
      if (hasChanged) {
        hasChanged = false;
        yield;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    call.signal.removeEventListener('abort', onAbort);
    stop?.();
  }
}
