/** `repl`: a Python prompt in a session of the gateway. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { completions, howComplete } from '../client/looking.ts';
import type { Execution, ExecutionEvent, Gateway, Session } from '../client/node.ts';
import { openGateway } from './connection.ts';
import { endingText } from './exec-exit.ts';
import { write, writeEvent } from './exec-output.ts';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { styled } from './output.ts';
import { createPrompt, LineAbandoned, type Prompt } from './prompt.ts';

interface ReplFlags extends GatewayFlags {
  readonly venv?: string;
  readonly session?: string;
}

/** Defines it. */
export function define(command: Command): void {
  addGatewayFlags(command)
    .option('--venv <name|path>', 'in this environment')
    .option('--session <id>', 'in this session, which stays; left out: in one of its own, which ends with the prompt')
    .addHelpText('after', '\nCtrl-C stops the code, or drops the line; Tab completes; Ctrl-D ends the prompt.')
    .action(async (_, self: Command) => await repl(self.optsWithGlobals()));
}

async function repl(flags: ReplFlags): Promise<void> {
  await using gateway = await openGateway(flags);
  const session = await sessionFor(gateway, flags);
  try {
    const { pythonVersion, venv, id } = await session.info();
    if (process.stdin.isTTY) {
      console.log(styled('dim', `Python ${pythonVersion} in ${venv}, session ${id}; Ctrl-D ends the prompt`));
    }
    await readAndRun(gateway, session, join(homeOf(flags), 'repl-history'));
  } finally {
    if (flags.session === undefined) await session.close().catch(() => {});
  }
}

async function sessionFor(gateway: Gateway, { session, venv }: ReplFlags): Promise<Session> {
  return session === undefined ? await gateway.createSession({ venv }) : gateway.session(session);
}

async function readAndRun(gateway: Gateway, session: Session, historyFile: string): Promise<void> {
  let running: Execution | undefined;
  let presses = 0;
  let before = '';
  const interrupt = () => {
    presses += 1;
    // The third in a row: it does not give in, and whoever presses it wants it to end.
    running?.interrupt(presses > 2 ? { kill: true } : {}).catch(() => {});
  };
  const prompt = createPrompt({
    historyFile,
    complete: (line) => completions(gateway.services, session.id, before, line),
    onInterrupt: interrupt,
  });
  process.on('SIGINT', interrupt);
  try {
    for (;;) {
      let code: string | undefined;
      try {
        code = await readCode(gateway, session, prompt, (lines) => {
          before = lines;
        });
      } catch (error) {
        if (!(error instanceof LineAbandoned)) throw error;
        console.log('KeyboardInterrupt');
        continue;
      }
      if (code === undefined) break;
      if (code.trim() === '') continue;
      presses = 0;
      running = session.execute(code, { interactive: true });
      const isOpen = await run(running, prompt);
      running = undefined;
      if (!isOpen) break;
    }
    if (process.stdin.isTTY) console.log();
  } finally {
    process.off('SIGINT', interrupt);
    prompt.close();
  }
}

/** Lines until they can be run; undefined at the end of the input. */
async function readCode(
  gateway: Gateway,
  session: Session,
  prompt: Prompt,
  onLines: (lines: string) => void,
): Promise<string | undefined> {
  const lines: string[] = [];
  let indent = '';
  onLines('');
  for (;;) {
    const line = await prompt.ask(lines.length === 0 ? '>>> ' : '... ', indent);
    if (line === undefined) return lines.length === 0 ? undefined : lines.join('\n');
    // A line of white space alone ends a block, also where the white space was put there for the next line.
    lines.push(line.trim() === '' ? '' : line);
    const code = lines.join('\n');
    if (code.trim() === '') return '';
    const { isIncomplete, nextIndent } = await howComplete(gateway.services, session.id, code);
    if (!isIncomplete) return code;
    indent = process.stdin.isTTY ? nextIndent : '';
    onLines(`${code}\n`);
  }
}

/** Runs it to its end; whether the session lives. */
async function run(execution: Execution, prompt: Prompt): Promise<boolean> {
  let isAtLineStart = true;
  for await (const event of execution) {
    if (event.type === 'inputRequest') {
      await answer(execution, event, prompt);
      isAtLineStart = true;
    } else if (event.type === 'finished') {
      if (!isAtLineStart) await write(process.stdout, '\n');
      if (event.outcome === 'EXITED') {
        process.exitCode = (event.exitCode ?? 0) & 0xff;
        return false;
      }
      const text = event.outcome === 'INTERRUPTED' && event.statePreserved ? '' : endingText(event);
      if (text !== '') console.error(styled('yellow', text, process.stderr));
    } else {
      const said = await writeEvent(event, { showsResult: true });
      if (said !== undefined) isAtLineStart = typeof said === 'string' || said.at(-1) === 10;
    }
  }
  return true;
}

type InputRequest = Extract<ExecutionEvent, { type: 'inputRequest' }>;

async function answer(execution: Execution, { requestId, prompt: text, password }: InputRequest, prompt: Prompt) {
  try {
    const line = await prompt.askAside(text, password);
    await execution.sendInput(line === undefined ? '' : `${line}\n`, { requestId, endOfFile: line === undefined });
  } catch (error) {
    if (!(error instanceof LineAbandoned)) throw error;
    await execution.interrupt().catch(() => {});
  }
}
