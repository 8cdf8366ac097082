/** How callers say how long they will wait. */
import { errors } from '../errors.ts';

const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** `grpc-timeout`: at most eight digits and a unit. */
export function parseGrpcTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  if (match === null)
    throw errors.invalidArgument('grpc-timeout is malformed; it is up to 8 digits and one of H M S m u n');
  return Number(match[1]) * (unitMs[match[2] as string] as number);
}

/** `connect-timeout-ms`: at most ten digits. */
export function parseConnectTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value)) throw errors.invalidArgument('connect-timeout-ms is malformed; it is up to 10 digits');
  return Number(value);
}
