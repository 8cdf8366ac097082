/** How far long work is: a bar on a terminal, a line for each step elsewhere; always on stderr, since stdout is the answer. */
import type { WorkProgress } from '../client/updates.ts';
import { sizeOf } from './output.ts';

/** Shows progress. */
export interface ProgressView extends Disposable {
  show(progress: WorkProgress): void;
}

const barWidth = 24;

/** Makes a view of one piece of work. */
export function createProgressView(stream: NodeJS.WriteStream = process.stderr): ProgressView {
  let lastLine = '';
  const isTerminal = stream.isTTY === true;
  return {
    show(progress) {
      if (isTerminal) {
        const line = barOf(progress).slice(0, (stream.columns || 80) - 1);
        stream.write(`\r\x1b[2K${line}`);
        lastLine = line;
        return;
      }
      const line = [progress.phase, progress.item || progress.message].filter(Boolean).join(': ');
      if (line !== lastLine) stream.write(`${line}\n`);
      lastLine = line;
    },
    [Symbol.dispose]() {
      if (isTerminal && lastLine !== '') stream.write('\r\x1b[2K');
    },
  };
}

function barOf({ phase, item, message, done, total, unit }: WorkProgress): string {
  const what = [phase, item || message].filter(Boolean).join(' ');
  if (total === 0) return what;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const amount = unit === 'bytes' ? `${sizeOf(done)} of ${sizeOf(total)}` : `${done} of ${total} ${unit}`;
  return `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)} ${String(Math.round(share * 100)).padStart(3)} % ${what} ${amount}`;
}
