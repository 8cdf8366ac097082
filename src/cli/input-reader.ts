/** Our standard input, a line at a time, and only when somebody asks: what is not asked for stays for the next program. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Reads lines. */
export interface InputReader {
  /** The next line with its end, or undefined at the end of the input. The code has written its prompt. */
  read(isPassword: boolean): Promise<string | undefined>;
  close(): void;
}

/** Makes a reader; nothing is read yet. */
export function createInputReader(): InputReader {
  let lines: Lines | undefined;
  let isHidden = false;
  // readline echoes what is typed: a password passes unseen.
  const output = new Writable({
    write(chunk, _, done) {
      if (!isHidden) process.stdout.write(chunk);
      done();
    },
  });
  return {
    async read(isPassword) {
      lines ??= openLines(output);
      isHidden = isPassword;
      try {
        return await lines.next();
      } finally {
        if (isPassword && process.stdin.isTTY) process.stdout.write('\n');
        isHidden = false;
      }
    },
    close() {
      lines?.close();
      process.stdin.destroy();
    },
  };
}

interface Lines {
  next(): Promise<string | undefined>;
  close(): void;
}

function openLines(output: Writable): Lines {
  const isTerminal = process.stdin.isTTY === true;
  const reader = createInterface({
    input: process.stdin,
    output: isTerminal ? output : undefined,
    terminal: isTerminal,
  });
  // A terminal in raw mode sends no signal of its own.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const queued: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let hasEnded = false;
  reader.on('line', (line) => {
    const take = waiting.shift();
    if (take === undefined) queued.push(`${line}\n`);
    else take(`${line}\n`);
    if (waiting.length === 0) reader.pause();
  });
  reader.on('close', () => {
    hasEnded = true;
    for (const take of waiting.splice(0)) take(undefined);
  });
  return {
    async next() {
      const line = queued.shift();
      if (line !== undefined || hasEnded) return line;
      reader.resume();
      return await new Promise((resolve) => waiting.push(resolve));
    },
    close: () => reader.close(),
  };
}
