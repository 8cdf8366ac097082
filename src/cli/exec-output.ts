/** What an execution writes, on our own streams, as it happens. */
import { once } from 'node:events';
import type { ExecutionEvent } from '../client/node.ts';

/** Writes what one event says; waits where the reader of a stream is slow. */
export async function writeEvent(event: ExecutionEvent, { showsResult }: { readonly showsResult: boolean }) {
  switch (event.type) {
    case 'stdout':
      return await write(process.stdout, event.data);
    case 'stderr':
      return await write(process.stderr, event.data);
    case 'display':
      return await write(process.stdout, `${textOf(event.data)}\n`);
    case 'result':
      if (showsResult && event.text !== '' && event.text !== 'None') await write(process.stdout, `${event.text}\n`);
      return;
    case 'error':
      return await write(process.stderr, `${event.error.traceback.trimEnd() || event.error.type}\n`);
    case 'dropped':
      return await write(process.stderr, `[${event.bytes} bytes of output are gone: ${event.reason}]\n`);
    case 'notice':
      return;
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
