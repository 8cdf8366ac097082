/** Events as plain JSON. */
import { isUtf8 } from 'node:buffer';
import { type ExecutionEvent, NoticeKindSchema, OutputStream } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { enumName } from './enum-name.ts';
import { bundleJson, errorJson, finishedJson } from './result-json.ts';
import { secondsJson, timeJson } from './time-json.ts';
import { valueJson } from './value-json.ts';

/** One event: `type` says which, the rest is its own. */
export function eventJson(event: ExecutionEvent): Record<string, unknown> {
  const { type, ...fields } = bodyJson(event.body);
  return { executionId: event.executionId, seq: event.seq, type, time: timeJson(event.time), ...fields };
}

function bodyJson({ case: type, value }: ExecutionEvent['body']): Record<string, unknown> {
  switch (type) {
    case 'accepted':
      return { type, sessionId: value.sessionId, generation: value.generation, queuePosition: value.queuePosition };
    case 'started': {
      const { pid, executionCount } = value;
      return { type, pid, executionCount, queueWaitSeconds: secondsJson(value.queueWait) };
    }
    case 'output':
      return {
        type: value.stream === OutputStream.STDERR ? 'stderr' : 'stdout',
        text: Buffer.from(value.data).toString('utf8'),
        base64: isUtf8(value.data) ? undefined : Buffer.from(value.data).toString('base64'),
        offset: value.offset,
      };
    case 'display': {
      const { bundle, displayId, update } = value;
      return { type, ...(bundle && bundleJson(bundle)), displayId, update };
    }
    case 'clearOutput':
      return { type, wait: value.wait };
    case 'result':
      return {
        type,
        result: valueJson(value.value),
        resultText: value.text,
        ...(value.bundle && bundleJson(value.bundle)),
      };
    case 'inputRequest':
      return { type, requestId: value.requestId, prompt: value.prompt, password: value.password };
    case 'error':
      return { type, error: errorJson(value) };
    case 'notice':
      return { type, kind: enumName(NoticeKindSchema, value.kind), message: value.message };
    case 'dropped': {
      const { firstSeq, lastSeq, bytes, reason } = value;
      return { type, firstSeq, lastSeq, bytes, reason };
    }
    case 'heartbeat':
      return { type, nextSeq: value.nextSeq };
    case 'finished':
      return { type, ...finishedJson(value) };
    case undefined:
      return { type: 'unknown' };
  }
}
