/** What a worker refuses, and how its calls fail, as errors of ours. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { BeepError, errors } from '../errors.ts';
import { Refusal } from '../gen/worker/beep/python/worker/v1/worker.ts';

const refusalKey = 'beep-refusal-bin';

/** How grpc-js says that a connection broke in the middle of an HTTP/2 frame: a worker of ours never sends these. */
const brokenConnection = /RST_STREAM|Session closed|ECONNRESET|EPIPE/;

/** A failed call: the worker's refusal where it sent one. */
export function fromStatus(error: ServiceError): BeepError {
  const [bytes] = error.metadata?.get(refusalKey) ?? [];
  if (bytes instanceof Uint8Array) return fromRefusal(Refusal.decode(bytes));
  switch (error.code) {
    case status.UNAVAILABLE:
    case status.CANCELLED:
      return errors.workerLost('its connection broke', { cause: error });
    case status.RESOURCE_EXHAUSTED:
      return new BeepError('MESSAGE_TOO_LARGE', 'the message is too large for the worker; send less at once', {
        cause: error,
      });
    case status.INTERNAL:
      return brokenConnection.test(error.details)
        ? errors.workerLost('its connection broke', { cause: error })
        : errors.internal(error);
    default:
      return errors.internal(error);
  }
}

/** A refusal as an error. */
export function fromRefusal({ reason, message, metadata, retryAfterMs }: Refusal): BeepError {
  return errors.fromReason(reason, message, { metadata, retryAfterMs: retryAfterMs || undefined });
}
