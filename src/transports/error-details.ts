/** What goes with every error of ours, in the words of google.rpc: why, when to retry, and where to look in the log. */
import { create } from '@bufbuild/protobuf';
import { type Any, anyPack, type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import { type BeepError, errorDomain } from '../errors.ts';
import { ErrorInfoSchema, RequestInfoSchema, RetryInfoSchema } from '../gen/es/google/rpc/error_details_pb.ts';

/** Bytes of all metadata together; beyond it entries are left out, since gRPC clients refuse long trailers. */
const maxMetadataBytes = 1200;

/** The details as packed messages. */
export function errorDetails(error: BeepError, requestId: string): Any[] {
  const info = create(ErrorInfoSchema, {
    reason: error.reason,
    domain: errorDomain,
    metadata: bounded(error.metadata),
  });
  const details = [anyPack(ErrorInfoSchema, info)];
  if (error.retryAfterMs !== undefined) {
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: duration(error.retryAfterMs) })));
  }
  details.push(anyPack(RequestInfoSchema, create(RequestInfoSchema, { requestId })));
  return details;
}

function bounded(metadata: Readonly<Record<string, string>>): Record<string, string> {
  let bytes = 0;
  return Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => {
      bytes += key.length + Buffer.byteLength(value);
      return bytes <= maxMetadataBytes;
    }),
  );
}

function duration(ms: number): Duration {
  return create(DurationSchema, { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round((ms % 1000) * 1e6) });
}
