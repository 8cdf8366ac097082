/** The interactive shell: one command after the other, without the program's name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compileCacheEnvironment } from '../compile-cache.ts';
import { commands } from './commands.ts';
import { homeOf } from './home-folder.ts';
import { print } from './output.ts';
import { createPrompt, LineAbandoned } from './prompt.ts';
import { splitWords } from './split-words.ts';

const own = ['help', 'menu', 'clear', 'exit', 'quit'];
const names = [...commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]), ...own].sort();

/** Runs it until it is left. */
export async function shell(flags: { readonly home?: string }): Promise<void> {
  const historyFile = join(homeOf(flags), 'shell-history');
  print('beep-python: help lists the commands, exit leaves.');
  for (;;) {
    // A prompt for each line: the commands read the terminal, too.
    const prompt = createPrompt({ historyFile, complete: async (line) => [matching(line), line], onInterrupt() {} });
    let line: string | undefined;
    try {
      line = await prompt.ask('runtime-host> ');
    } catch (error) {
      if (!(error instanceof LineAbandoned)) throw error;
      line = '';
    } finally {
      prompt.release();
    }
    if (line === undefined) return print('');
    let words: string[];
    try {
      words = splitWords(line);
    } catch (error) {
      console.error(`beep-python: ${(error as Error).message}`);
      continue;
    }
    const [first] = words;
    if (first === 'exit' || first === 'quit') return;
    if (first === 'clear') process.stdout.write('\x1b[2J\x1b[3J\x1b[H');
    else if (first === 'menu') await command(['--help'], flags);
    else if (first !== undefined) await command(words, flags);
  }
}

function matching(line: string): string[] {
  return /\s/.test(line) ? [] : names.filter((name) => name.startsWith(line));
}

/** In a process of its own: whatever it does, the shell is still there. */
async function command(words: readonly string[], { home }: { readonly home?: string }): Promise<void> {
  const ignore = () => {};
  process.on('SIGINT', ignore); // it is the command's
  const before = home === undefined ? [] : ['--home', home];
  const child = spawn(process.execPath, [process.argv[1] as string, ...before, ...words], {
    stdio: 'inherit',
    env: { ...process.env, ...compileCacheEnvironment },
  });
  await once(child, 'exit');
  process.off('SIGINT', ignore);
}
