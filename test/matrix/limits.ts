/** Scenarios: limits of a session, each broken from outside. */
import { expect } from 'vitest';
import type { Limits } from './client.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const MiB = 1024 ** 2;

const broken: Readonly<Record<string, [Limits, string, object, string]>> = {
  'CPU time': [
    { cpuSeconds: 0.2 },
    'while True: pass',
    { outcome: 'CPU_LIMIT', statePreserved: true, stoppedBy: 'INTERRUPT' },
    'limits.cpu_time',
  ],
  output: [
    { outputBytes: 10_000 },
    'while True: print("x" * 999)',
    { outcome: 'OUTPUT_LIMIT', statePreserved: true },
    '10000 bytes',
  ],
  'open files': [
    { openFiles: 40 },
    'files = []\nwhile True: files.append(open("/dev/null"))',
    { outcome: 'ERROR', statePreserved: true },
    'limits.open_files',
  ],
  'the size of a file': [
    { fileBytes: MiB },
    'with open("f", "wb", 0) as f:\n  while True: f.write(bytes(99999))',
    { outcome: 'ERROR', statePreserved: true },
    'limits.file_bytes',
  ],
};

/** The scenarios. */
export const limits: Scenarios = {
  ...Object.fromEntries(
    Object.entries(broken).map(([what, [limits, code, ending, named]]): [string, Scenarios[string]] => [
      `a limit of ${what} ends what breaks it, and is named`,
      async ({ client, session }) => {
        await using own = await session({ limits });
        const result = await client.run({ sessionId: own.id, code });
        expect(result).toMatchObject(ending);
        expect(result.message).toContain(named);
      },
    ]),
  ),

  'memory beyond the limit is OUT_OF_MEMORY, and the session says what holds it': async ({ client, session }) => {
    await using own = await session({ limits: { memoryBytes: 64 * MiB } });
    const [detail = ''] = own.isolationDetails.filter((text) => text.startsWith('memory limit: '));
    const code = `kept = bytearray(${150 * MiB})\nfor at in range(0, len(kept), 4096): kept[at] = 1`;
    const result = await client.run({ sessionId: own.id, code });
    expect(result).toMatchObject({ outcome: 'OUT_OF_MEMORY', statePreserved: detail.includes('RLIMIT_AS') });
    expect(result.message).toContain('limits.memory_bytes');
    expect(await client.run({ sessionId: own.id, code: '6 * 7' })).toMatchObject({ outcome: 'OK', text: '42' });
  },

  'limits that cannot be are refused, with the field': async (stage) => {
    const { client } = stage;
    const wrong = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    for (const limits of [{ openFiles: 3 }, { memoryBytes: 1000 }, { processes: 1 }]) {
      const refused = await expectRefused(stage, client.createSession({ limits }), wrong);
      expect(refused.message).toMatch(/must be 0 or at least/);
    }
  },
};
