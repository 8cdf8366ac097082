/** The end of a gRPC call: `grpc-status`, `grpc-message`, and the error's details as google.rpc.Status. */
import { create, toBinary } from '@bufbuild/protobuf';
import { type BeepError, cut } from '../../errors.ts';
import { StatusSchema } from '../../gen/es/google/rpc/status_pb.ts';
import { errorDetails } from '../error-details.ts';

/**
 * Clients refuse trailers beyond 8 KiB (a soft limit of the C core), and the message stands in them twice, once in
 * base64; this leaves room for the details.
 */
const maxMessageBytes = 2400;

/** Trailers of a call that failed. */
export function errorTrailers(error: BeepError, requestId: string): Record<string, string> {
  const message = cutEncoded(error.message);
  const status = create(StatusSchema, { code: error.code, message, details: errorDetails(error, requestId) });
  return {
    'grpc-status': String(error.code),
    'grpc-message': percentEncoded(message),
    'grpc-status-details-bin': Buffer.from(toBinary(StatusSchema, status)).toString('base64'),
  };
}

/** Trailers of a call that went well. */
export const okTrailers: Readonly<Record<string, string>> = { 'grpc-status': '0' };

/** Everything but visible ASCII, and the percent sign itself, as `%XX` of its UTF-8 bytes. */
function percentEncoded(text: string): string {
  return /^[\x20-\x24\x26-\x7e]*$/.test(text)
    ? text
    : [...Buffer.from(text)]
        .map((byte) =>
          byte < 0x20 || byte > 0x7e || byte === 0x25
            ? `%${byte.toString(16).padStart(2, '0').toUpperCase()}`
            : String.fromCharCode(byte),
        )
        .join('');
}

function cutEncoded(text: string): string {
  for (let bytes = maxMessageBytes; ; bytes = Math.floor(bytes * 0.8)) {
    const message = cut(text, bytes);
    if (percentEncoded(message).length <= maxMessageBytes) return message;
  }
}
