import { execFile } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { afterwards } from '../../../src/afterwards.ts';

test('work that nobody waits for is done in its order, after what this turn and the next send', async () => {
  const done: string[] = [];
  afterwards(() => {
    done.push('first');
    afterwards(() => done.push('third'));
  });
  afterwards(() => done.push('second'));
  await turn();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['first', 'second', 'third']);
});

test('it is done at the latest when the process exits, lines of the log included', async () => {
  const log = fileURLToPath(new URL('../../../src/log.ts', import.meta.url));
  const program = `import { createLogger } from '${log}';
    const log = createLogger({ level: 'info', format: 'json' });
    log.info('one');
    log.info('two');
    process.exit(3);`;
  const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]).catch((e) => e);
  expect(ended.code).toBe(3);
  const lines = ended.stderr.trim().split('\n');
  expect(lines.map((line: string) => JSON.parse(line).msg)).toEqual(['one', 'two']);
});
