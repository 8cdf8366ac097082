/** Outermost: one log line and one measurement for each call, and no foreign error beyond this point. */
import { afterwards } from '../afterwards.ts';
import type { Call, Interceptor } from '../call.ts';
import { BeepError, GrpcCode, toBeepError } from '../errors.ts';

/** The part of a logger that calls need. */
export interface CallLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Where calls are counted. */
export interface CallMetrics {
  callStarted(call: Call): void;
  /** `reason` is `OK` or that of the error. */
  callEnded(call: Call, reason: string, durationMs: number): void;
}

/** Where observations go. */
export interface ObserveOptions {
  log?: CallLog;
  metrics?: CallMetrics;
}

/** Makes the interceptor. */
export function createObserve({ log, metrics }: ObserveOptions): Interceptor {
  return async (call, next) => {
    const startedAt = performance.now();
    let error: BeepError | undefined;
    metrics?.callStarted(call);
    try {
      await next();
    } catch (thrown) {
      error = translated(call, thrown);
      throw error;
    } finally {
      const durationMs = performance.now() - startedAt;
      metrics?.callEnded(call, error?.reason ?? 'OK', durationMs);
      if (log !== undefined) afterwards(() => write(log, call, error, durationMs));
    }
  };
}

/** What breaks because a call was aborted has the reason of the abort. */
function translated(call: Call, thrown: unknown): BeepError {
  if (!(thrown instanceof BeepError) && call.signal.aborted) return toBeepError(call.signal.reason);
  return toBeepError(thrown);
}

function write(log: CallLog, call: Call, error: BeepError | undefined, durationMs: number): void {
  const facts: Record<string, unknown> = {
    requestId: call.requestId,
    procedure: call.procedure,
    protocol: call.protocol,
    principal: call.principal,
    code: error?.reason ?? 'OK',
    ms: Math.round(durationMs * 1000) / 1000,
  };
  if (call.traffic !== undefined) {
    const { received, sent } = call.traffic;
    if (received > 0) facts.bytesIn = received;
    if (sent > 0) facts.bytesOut = sent;
  }
  if (error === undefined) {
    log.info(facts, 'call');
    return;
  }
  facts.error = error.message;
  if (error.reason === 'INTERNAL') log.error({ ...facts, err: error.cause ?? error }, 'call');
  else if (error.code === GrpcCode.UNAUTHENTICATED || error.code === GrpcCode.PERMISSION_DENIED)
    log.warn(facts, 'call');
  else log.info(facts, 'call');
}
