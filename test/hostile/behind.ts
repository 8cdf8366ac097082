/** Callers who read more slowly than the code writes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { until } from '../support/until.ts';

const pieceBytes = 64 * 1024;

/** Python that writes so many MiB, no two pieces of it alike. */
export function writing(mebibytes: number): string {
  return `import os\nfor i in range(${mebibytes * 16}): os.write(1, b'%08d' % i * ${pieceBytes / 8})`;
}

function piece(index: number): string {
  return String(index)
    .padStart(8, '0')
    .repeat(pieceBytes / 8);
}

/** What that writes, as a digest. */
export function digestOf(mebibytes: number): string {
  const hash = createHash('sha256');
  for (let i = 0; i < mebibytes * 16; i++) hash.update(piece(i));
  return hash.digest('hex');
}

/** Reads nothing until the code can write no more, then everything. Answers the digest of all that came. */
export async function readLate(client: Client, sessionId: string, mebibytes: number): Promise<string> {
  const hash = createHash('sha256');
  let written = 0;
  let seq = 0;
  for await (const event of client.execute({ sessionId, code: writing(mebibytes) })) {
    if (event.type === 'heartbeat') continue;
    expect(event.seq).toBe(++seq);
    if (event.type === 'started') await until('the code waits in its write', () => waitsInPipe(event.pid), 60_000);
    if (event.type === 'stdout') {
      expect(event.offset).toBe(written);
      written += event.data.length;
      hash.update(event.data);
    }
    if (event.type === 'finished') expect(event).toMatchObject({ outcome: 'OK', stdoutBytes: written });
  }
  expect(written).toBe(mebibytes * 1024 * 1024);
  return hash.digest('hex');
}

/** Whether a thread of a process sleeps in a write to a pipe that is full. */
function waitsInPipe(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/wchan`, 'utf8').includes('pipe_write'),
  );
}
