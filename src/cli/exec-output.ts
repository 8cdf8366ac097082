/** What an execution writes, on our own streams, as it happens. */
import { once } from 'node:events';
import type { ExecutionEvent } from '../client/node.ts';

/** Writes what one event says; waits where the reader of a stream is slow. Answers with what it wrote, if anything. */
export async function writeEvent(
  event: ExecutionEvent,
  { showsResult }: { readonly showsResult: boolean },
): Promise<string | Uint8Array | undefined> {
  const said = saidBy(event, showsResult);
  const toStderr = event.type === 'stderr' || event.type === 'error' || event.type === 'dropped';
  if (said !== undefined) await write(toStderr ? process.stderr : process.stdout, said);
  return said;
}

function saidBy(event: ExecutionEvent, showsResult: boolean): string | Uint8Array | undefined {
  switch (event.type) {
    case 'stdout':
    case 'stderr':
      return event.data;
    case 'display':
      return `${textOf(event.data)}\n`;
    case 'result':
      return showsResult && event.text !== '' && event.text !== 'None' ? `${event.text}\n` : undefined;
    case 'error':
      return `${event.error.traceback.trimEnd() || event.error.type}\n`;
    case 'dropped':
      return `[${event.bytes} bytes of output are gone: ${event.reason}]\n`;
    default:
      return undefined;
  }
}

/** The form of something shown that a terminal can show. */
export function textOf(data: Readonly<Record<string, unknown>>): string {
  const plain = data['text/plain'] ?? data['text/markdown'] ?? data['text/latex'] ?? data['application/json'];
  if (typeof plain === 'string') return plain;
  if (plain !== undefined) return JSON.stringify(plain);
  return `<${Object.keys(data).join(', ')}>`;
}

/** Writes and waits for room. */
export async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (!stream.write(data)) await once(stream, 'drain');
}
