/** What interpreters said about themselves, kept on disk: asking a dozen of them takes a second, reading this none. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../replace-file.ts';
import { checkedAnswer, type ProbedRuntime } from './probe.ts';

/** Answers of earlier, each with what told the file apart then. */
export interface KeptAnswers {
  get(path: string, stamp: string): Promise<ProbedRuntime | undefined>;
  /** Keeps an answer until the next `save`. */
  put(path: string, stamp: string, answer: ProbedRuntime): void;
  /** Writes what is new. Never throws: what is not kept is asked again. */
  save(): Promise<void>;
}

interface Entry {
  readonly stamp: string;
  readonly answer: ProbedRuntime;
}

/** More than a machine has; those that were put first go first. */
const maxEntries = 500;

/** Answers in a file. One that is damaged is a cache that is empty. */
export function createKeptAnswers(path: string): KeptAnswers {
  const fresh = new Map<string, Entry>();
  let reading: Promise<Map<string, Entry>> | undefined;
  const entries = () => {
    reading ??= readEntries(path);
    return reading;
  };
  return {
    async get(program, stamp) {
      const entry = (await entries()).get(program);
      return entry?.stamp === stamp ? entry.answer : undefined;
    },
    put(program, stamp, answer) {
      fresh.set(program, { stamp, answer });
    },
    async save() {
      if (fresh.size === 0) return;
      const all = await entries();
      for (const [program, entry] of fresh) {
        all.delete(program);
        all.set(program, entry);
      }
      fresh.clear();
      const text = JSON.stringify({ format: 1, answers: [...all].slice(-maxEntries) });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        .then(() => replaceFile(path, text, { flush: false }))
        .catch(() => {});
    },
  };
}

async function readEntries(path: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    const { format, answers } = JSON.parse(await readFile(path, 'utf8'));
    if (format !== 1) return entries;
    for (const [program, { stamp, answer }] of answers) {
      const checked = checkedAnswer(answer);
      if (typeof program === 'string' && typeof stamp === 'string' && checked) {
        entries.set(program, { stamp, answer: checked });
      }
    }
  } catch {
    entries.clear();
  }
  return entries;
}
