/** Code that takes all that there is, each with the limit that stops it and the end that it has then. */
import { expect } from 'vitest';
import type { Client, Limits } from '../matrix/client.ts';

const MiB = 1024 ** 2;

/** One bomb. */
export interface Bomb {
  readonly limits: Limits;
  readonly code: string;
  readonly ending: object;
  /** What `Finished.message` names. */
  readonly names: string;
}

/** Bombs by what they take. */
export const bombs: Readonly<Record<string, Bomb>> = {
  memory: {
    limits: { memoryBytes: 48 * MiB },
    code: 'kept = []\nwhile True: kept.append(b"x" * 65536)',
    ending: { outcome: 'OUT_OF_MEMORY' },
    names: 'limits.memory_bytes',
  },
  processes: {
    limits: { processes: 10 },
    code: 'import os, time\nwhile True:\n  if os.fork() == 0: time.sleep(60)',
    ending: { outcome: 'ERROR', error: { type: 'BlockingIOError' }, statePreserved: true },
    names: 'limits.processes',
  },
  descriptors: {
    limits: { openFiles: 100 },
    code: 'import os\nwhile True: os.pipe()',
    ending: { outcome: 'ERROR', error: { type: 'OSError' }, statePreserved: true },
    names: 'limits.open_files',
  },
  disk: {
    limits: { fileBytes: 4 * MiB },
    code: 'with open("f", "wb", 0) as file:\n  while True: file.write(bytes(65536))',
    ending: { outcome: 'ERROR', error: { type: 'OSError' }, statePreserved: true },
    names: 'limits.file_bytes',
  },
  output: {
    limits: { outputBytes: 4 * MiB },
    code: 'while True: print("x" * 9999)',
    ending: { outcome: 'OUTPUT_LIMIT', statePreserved: true },
    names: `${4 * MiB} bytes`,
  },
  CPU: {
    limits: { cpuSeconds: 0.3 },
    code: 'while True: pass',
    ending: { outcome: 'CPU_LIMIT', statePreserved: true },
    names: 'limits.cpu_time',
  },
};

/** Runs one in a session of its own. */
export async function explode(client: Client, { limits, code, ending, names }: Bomb): Promise<void> {
  const { id } = await client.createSession({ limits });
  const result = await client.run({ sessionId: id, code });
  expect(result).toMatchObject(ending);
  expect(result.message).toContain(names);
  await client.closeSession(id);
}

/** Runs so many at once, of every kind, beside a session that notices nothing. */
export async function explodeAll(client: Client, count: number, kinds = Object.values(bombs)): Promise<void> {
  const { id: sessionId } = await client.createSession();
  let isOver = false;
  const bystander = (async () => {
    for (let i = 1; !isOver; i++) {
      const result = await client.run({ sessionId, code: `count = ${i}\ncount` });
      expect(result).toMatchObject({ outcome: 'OK', text: String(i), generation: 1 });
    }
  })();
  try {
    await Promise.all(Array.from({ length: count }, (_, i) => explode(client, kinds[i % kinds.length] as Bomb)));
  } finally {
    isOver = true;
    await bystander;
  }
  await client.closeSession(sessionId);
}
