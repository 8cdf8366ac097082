/** `logs`: what the gateway in the background has written. */
import { existsSync, openSync, readSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { integer } from '../setting.ts';
import { CliFailure } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { readSettingsFile } from './settings-file.ts';

/** Defines it. */
export function define(command: Command): void {
  addHomeFlag(command)
    .option('-f, --follow', 'go on with what is written from now on, until Ctrl-C')
    .option('-n, --lines <number>', 'so many lines from the end', '100')
    .action(async (_, self: Command) => {
      const flags: { home?: string; follow?: boolean; lines: string } = self.optsWithGlobals();
      const count = integer({ min: 0, max: 1e9, default: 100, meaning: '' }).read(flags.lines, '--lines');
      const path = await logPath(flags.home);
      if (!existsSync(path)) {
        throw new CliFailure(
          `no log: ${path}; a gateway in the background writes one (start --detach), one in the foreground to its terminal`,
        );
      }
      const end = writeLast(path, count);
      if (flags.follow) await followFrom(path, end);
    });
}

async function logPath(home: string | undefined): Promise<string> {
  const given = home === undefined ? {} : { home };
  const { logFile } = readConfig(given, process.env, await readSettingsFile(given));
  return logFile || join(homeOf(given), 'logs', 'gateway.log');
}

const chunkBytes = 65_536;

/** Writes the last lines; answers with where the file ended. */
function writeLast(path: string, count: number): number {
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  let start = size;
  let text = Buffer.alloc(0);
  // One line end more than lines: the one before the first line wanted.
  while (start > 0 && linesIn(text) <= count) {
    const length = Math.min(chunkBytes, start);
    start -= length;
    const chunk = Buffer.alloc(length);
    readSync(file, chunk, 0, length, start);
    text = Buffer.concat([chunk, text]);
  }
  const lines = text.toString('utf8').split('\n');
  const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  const shown = count === 0 ? [] : last.slice(-count);
  if (shown.length > 0) process.stdout.write(`${shown.join('\n')}\n`);
  return size;
}

function linesIn(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Writes what is added, also after the file was replaced by a new one. */
async function followFrom(path: string, end: number): Promise<void> {
  let position = end;
  let file = openSync(path, 'r');
  let { ino } = statSync(path);
  const chunk = Buffer.alloc(chunkBytes);
  const writeNew = () => {
    for (;;) {
      const length = readSync(file, chunk, 0, chunkBytes, position);
      if (length === 0) break;
      position += length;
      process.stdout.write(Buffer.from(chunk.subarray(0, length)));
    }
    const now = statSync(path, { throwIfNoEntry: false });
    if (now === undefined || (now.ino === ino && now.size >= position)) return;
    [file, position, ino] = [openSync(path, 'r'), 0, now.ino];
    writeNew();
  };
  // The folder, not the file: a rotation puts another file in its place.
  const watcher = watch(join(path, '..'), () => writeNew());
  writeNew();
  process.stdout.on('error', () => process.exit(0));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  watcher.close();
}
