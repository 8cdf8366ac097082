/** A prompt on a terminal, or lines from a pipe: history, completion, Ctrl-C. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** What a prompt is made of. */
export interface PromptOptions {
  /** Where lines are kept from one time to the next. */
  readonly historyFile: string;
  /** What could stand in the place of the end of the line, and that end. */
  readonly complete: (line: string) => Promise<[string[], string]>;
  /** Ctrl-C while no line is asked for. */
  readonly onInterrupt: () => void;
}

/** Thrown at Ctrl-C while a line is asked for. */
export class LineAbandoned extends Error {
  override readonly name = 'LineAbandoned';
}

/** Asks for lines. */
export interface Prompt {
  /** The next line without its end; undefined at the end of the input. `begin` stands on the line already. */
  ask(prompt: string, begin?: string): Promise<string | undefined>;
  /** The same without a place in the history, and unseen where it is a password. */
  askAside(prompt: string, isPassword: boolean): Promise<string | undefined>;
  /** Lets the terminal go to another program, for a while. */
  release(): void;
  close(): void;
}

const historySize = 1000;

/** Makes a prompt on our standard streams. */
export function createPrompt({ historyFile, complete, onInterrupt }: PromptOptions): Prompt {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  let isHidden = false;
  const output = Object.assign(
    new Writable({
      write(chunk, _, done) {
        if (!isHidden) process.stdout.write(chunk);
        done();
      },
    }),
    { isTTY: isTerminal, columns: process.stdout.columns },
  );
  let history = readHistory(historyFile);
  let isAside = false;
  const lines: string[] = [];
  let waiting: { resolve(line: string | undefined): void; reject(error: Error): void } | undefined;
  let hasEnded = false;
  const reader: Interface = createInterface({
    input: process.stdin,
    output: isTerminal ? output : undefined,
    terminal: isTerminal,
    history: [...history],
    historySize,
    removeHistoryDuplicates: true,
    tabSize: 4,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      complete(line).then(
        (result) => done(null, result),
        () => done(null, [[], line]),
      );
    },
  });
  reader.on('history', (lines) => {
    // Answers to a program's questions are no lines of the prompt.
    if (isAside) lines.splice(0, lines.length, ...history);
    else history = [...lines];
  });
  const onResize = () => {
    output.columns = process.stdout.columns;
    output.emit('resize');
  };
  process.stdout.on('resize', onResize);
  reader.on('line', (line) => {
    const { resolve } = waiting ?? {};
    waiting = undefined;
    if (resolve === undefined) lines.push(line);
    else resolve(line);
  });
  reader.on('close', () => {
    hasEnded = true;
    waiting?.resolve(undefined);
  });
  reader.on('SIGINT', () => {
    const { reject } = waiting ?? {};
    if (reject === undefined) return onInterrupt();
    waiting = undefined;
    // What was typed goes away with the line, so that it is not in the next one.
    (reader as Interface & { line: string; cursor: number }).line = '';
    (reader as Interface & { line: string; cursor: number }).cursor = 0;
    process.stdout.write('\n');
    reject(new LineAbandoned());
  });

  const ask = async (prompt: string, begin = '') => {
    const line = lines.shift();
    if (line !== undefined) return line;
    if (hasEnded) return undefined;
    const answer = new Promise<string | undefined>((resolve, reject) => {
      waiting = { resolve, reject };
    });
    if (isTerminal) {
      reader.setPrompt(prompt);
      reader.prompt();
      if (begin !== '') reader.write(begin);
    }
    return await answer;
  };
  const release = () => {
    reader.close();
    process.stdout.off('resize', onResize);
    if (isTerminal) writeHistory(historyFile, history);
  };
  return {
    ask,
    async askAside(prompt, isPassword) {
      isAside = true;
      isHidden = isPassword;
      try {
        // The program has written it already: the line that it stands on is drawn once more, as ours to edit.
        return await ask(isPassword ? '' : prompt.slice(prompt.lastIndexOf('\n') + 1));
      } finally {
        if (isPassword && isTerminal) process.stdout.write('\n');
        isHidden = false;
        isAside = false;
      }
    },
    release,
    close() {
      release();
      process.stdin.destroy();
    },
  };
}

function readHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(0, historySize);
  } catch {
    return [];
  }
}

function writeHistory(path: string, lines: readonly string[]): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch (error) {
    console.error(`beep-python: the history was not kept: ${(error as Error).message}`);
  }
}
