/** Bytes on their way into a session by `fetch`, which sends no streams: one part after the other, as bodies. */
import { create } from '@bufbuild/protobuf';
import { ErrorReason } from '../gen/es/beep/python/v1/error_pb.ts';
import { ObjectRefSchema } from '../gen/es/beep/python/v1/value_pb.ts';
import { BeepError, type Reason } from './beep-error.ts';
import type { SendUpload } from './uploads.ts';

/** Bytes of one body. */
const partBytes = 8 * 1024 * 1024;

/** What the route answers. */
interface Answer {
  readonly $ref: string | null;
  readonly typeName: string;
  readonly text: string;
  readonly shape: readonly (string | number)[];
  readonly receivedBytes: string | number;
  readonly error?: { readonly reason: string; readonly message: string; readonly metadata?: Record<string, string> };
}

/** Sends a part with each call, by `PUT /sessions/{id}/objects`. */
export function fetchUploads(address: string, token: string | undefined): SendUpload {
  return async ({ header, bytes, offset, signal, onSent }) => {
    const { sessionId = '', assignTo = '', writeId = '', totalBytes = 0n, tensor } = header;
    const part = bytes.subarray(offset, offset + partBytes);
    const url = new URL(`sessions/${sessionId}/objects`, address.endsWith('/') ? address : `${address}/`);
    if (assignTo !== '') url.searchParams.set('assignTo', assignTo);
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (tensor?.dtype !== undefined) {
      headers['x-beep-dtype'] = tensor.dtype;
      headers['x-beep-shape'] = (tensor.shape ?? []).join(',');
    }
    if (part.length > 0) {
      url.searchParams.set('writeId', writeId);
      headers['content-range'] = `bytes ${offset}-${offset + part.length - 1}/${totalBytes}`;
    }
    const answer = await told(fetch(url, { method: 'PUT', headers, body: part, signal }), signal);
    onSent(offset + part.length);
    const { $ref, typeName, text, shape, receivedBytes } = answer;
    const object =
      $ref === null
        ? undefined
        : create(ObjectRefSchema, { id: $ref, sessionId, typeName, text, shape: shape.map(BigInt) });
    return { object, receivedBytes: Number(receivedBytes) };
  };
}

async function told(asked: Promise<Response>, signal: AbortSignal | undefined): Promise<Answer> {
  let response: Response;
  let answer: Answer;
  try {
    response = await asked;
    answer = (await response.json()) as Answer;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new BeepError('CONNECTION_LOST', 'the connection to the gateway broke; call again', { cause });
  }
  if (response.ok) return answer;
  const { reason = '', message = '', metadata } = answer.error ?? {};
  if (!Object.hasOwn(ErrorReason, reason)) {
    throw new BeepError('FOREIGN_ANSWER', `what answered is no beep-python gateway: status ${response.status}`);
  }
  throw new BeepError(reason as Reason, message, { metadata });
}
