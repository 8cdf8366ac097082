/** `exec`: runs code, a file or what comes on stdin; its output as it happens, its exit code as ours. */
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { ExecuteOptions, Execution, Runner } from '../client/node.ts';
import { durationMs } from '../setting.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';
import { print, printJson } from './output.ts';
import { readerGoneExitCode } from './reader-gone.ts';

interface ExecFlags extends GatewayFlags {
  readonly code?: string;
  readonly file?: string;
  readonly venv?: string;
  readonly session?: string;
  readonly fresh?: boolean;
  readonly timeout?: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly id?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Defines it. */
export function define(command: Command): void {
  addGatewayFlags(command)
    .argument('[code]', 'code, the path of a .py file, or - for stdin; left out: stdin')
    .argument('[args...]', 'sys.argv[1:] of the code')
    .passThroughOptions()
    .option('-c, --code <code>', 'this code')
    .option('-f, --file <path>', 'the code of this file of this machine')
    .option('--venv <name|path>', 'in a fresh session in this environment')
    .option('--session <id>', 'in this session; left out: your default session')
    .option('--fresh', 'in a session of its own, which is closed afterwards')
    .option('--timeout <time>', 'stop it after so long, such as 30s')
    .option('--env <name=value>', 'an environment variable of this execution; may be repeated', repeated)
    .option('--cwd <path>', 'the folder to run in, on the side of the gateway')
    .option('--id <id>', 'a name of your own for the execution; the same one never runs twice')
    .option('--detach', 'print the id of the execution, and let it run')
    .option('--json', 'at its end, all that came of it as JSON; output is in it')
    .addHelpText('after', help)
    .action(async (first: string | undefined, rest: string[], _, self: Command) => {
      await exec(first, rest, self.optsWithGlobals());
    });
}

const help = `
Exit codes: what the code exited with; 0 when it ran to its end; 1 when it raised; 124 after its timeout;
128 and the signal when its process was killed; 130 when it was interrupted; 2 and 3 as of every command.`;

async function exec(first: string | undefined, rest: readonly string[], flags: ExecFlags): Promise<void> {
  const { source, argv, isExpression, isStdin } = await sourceOf(first, rest, flags);
  if (flags.session !== undefined && (flags.fresh || flags.venv !== undefined)) {
    throw new CliFailure('--session is there already: leave out --fresh and --venv', usageExitCode);
  }
  const options: ExecuteOptions = {
    argv,
    env: flags.env && Object.fromEntries(flags.env.map(pairOf)),
    cwd: flags.cwd,
    executionId: flags.id,
    timeoutMs: flags.timeout === undefined ? undefined : timeoutMs.read(flags.timeout, '--timeout'),
    interactive: !isStdin && flags.detach !== true,
    result: { form: 'AUTO' },
  };
  const { openGateway } = await import('./connection.ts');
  const gateway = await openGateway(flags);
  let execution: Execution;
  let runner: Runner = gateway.defaultSession;
  if (flags.session !== undefined) runner = gateway.session(flags.session);
  else if (flags.fresh || flags.venv !== undefined) runner = gateway.fresh({ venv: flags.venv });
  execution = runner.execute(source, options);
  if (flags.detach) {
    const id = await execution.detach();
    if (flags.json) printJson({ executionId: id });
    else print(id);
    await gateway.close();
    return;
  }
  const { follow } = await import('./follow.ts');
  const { exitCodeOf } = await import('./exec-exit.ts');
  const ending = await follow(execution, {
    showsResult: isExpression,
    isSilent: flags.json === true,
    givesInput: !isStdin,
    onInterrupt: 'interrupt',
  });
  if (flags.json && ending !== undefined) {
    const { resultJson } = await import('./exec-json.ts');
    printJson(resultJson(await execution.result()));
  }
  await gateway.close();
  process.exitCode = ending === undefined ? readerGoneExitCode : exitCodeOf(ending);
}

interface WhatToRun {
  readonly source: string;
  readonly argv: readonly string[];
  /** The value of its last expression is of interest. */
  readonly isExpression: boolean;
  /** The code itself comes on stdin, so that it cannot read from there. */
  readonly isStdin: boolean;
}

async function sourceOf(first: string | undefined, rest: readonly string[], flags: ExecFlags): Promise<WhatToRun> {
  const given = first === undefined ? rest : [first, ...rest];
  if (flags.code !== undefined && flags.file !== undefined) {
    throw new CliFailure('--code and --file are two codes: name one', usageExitCode);
  }
  if (flags.code !== undefined) return { source: flags.code, argv: given, isExpression: true, isStdin: false };
  if (flags.file !== undefined) return fromFile(flags.file, given);
  if (first === undefined || first === '-') {
    if (first === undefined && process.stdin.isTTY) {
      throw new CliFailure(
        'no code: beep-python exec "print(1)", a .py file, or code on stdin; a prompt is: beep-python repl',
        usageExitCode,
      );
    }
    return { source: await text(process.stdin), argv: rest, isExpression: false, isStdin: true };
  }
  if (first.endsWith('.py')) {
    if (existsSync(first)) return fromFile(first, rest);
    // No name of a file is likely to have these, and code that ends so, such as 'import a; a.py', has.
    if (!/[\n;()]/.test(first)) throw new CliFailure(`no such file: ${first}`, usageExitCode);
  }
  return { source: first, argv: rest, isExpression: true, isStdin: false };
}

function fromFile(path: string, argv: readonly string[]): WhatToRun {
  try {
    return { source: readFileSync(path, 'utf8'), argv, isExpression: false, isStdin: false };
  } catch (cause) {
    throw new CliFailure(`the file cannot be read: ${(cause as Error).message}`, usageExitCode);
  }
}

/** The longest is the contract's. */
const timeoutMs = durationMs({ min: 1, max: 365 * 86_400_000, default: 0, meaning: '' });

function pairOf(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CliFailure(`--env is no NAME=value: ${pair}`, usageExitCode);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function repeated(item: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), item];
}
