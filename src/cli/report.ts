/** What went wrong, in one sentence on the standard error stream, and the exit code for it. */
import { CliFailure, usageExitCode } from './failure.ts';
import { failureOf } from './next-step.ts';
import { portHolder } from './port-holder.ts';

/** Tells a problem; answers with the exit code. */
export function report(problem: unknown): number {
  const { name, code, exitCode, reason, message, metadata, requestId } = problem as Told;
  // Help and version end a command too, and commander has told its own errors already.
  if (String(code).startsWith('commander.')) return exitCode === 0 ? 0 : usageExitCode;
  if (problem instanceof CliFailure) {
    if (problem.message !== '') say(problem.message);
    return problem.exitCode;
  }
  // By their names: what they are made of would have to be loaded to ask for their classes.
  if (name === 'SettingError') {
    say(message);
    return usageExitCode;
  }
  if (name === 'PathTaken') {
    say(message);
    return 1;
  }
  // What broke in this process has its stack here alone; what broke in the gateway has it in the gateway's log.
  const isOfGateway = Object.hasOwn(Object(problem), 'requestId');
  if (name === 'BeepError' && (reason !== 'INTERNAL' || isOfGateway)) {
    const which = reason === 'INTERNAL' && requestId !== undefined ? ` (request ${requestId})` : '';
    const failure = failureOf(reason ?? '', `${message}${which}`, metadata?.home);
    say(failure.message);
    return failure.exitCode;
  }
  const refused = addressProblem(problem);
  if (refused === undefined) console.error(problem);
  else say(refused);
  return 1;
}

/** What errors of all kinds may have. */
interface Told extends Partial<Record<'name' | 'code' | 'reason' | 'message' | 'requestId', string>> {
  readonly exitCode?: number;
  readonly metadata?: { readonly home?: string };
}

function say(text: string | undefined): void {
  console.error(`beep-python: ${text}`);
}

function addressProblem(problem: unknown): string | undefined {
  const { code, address, port } = problem as { code?: string; address?: string; port?: number };
  const place = `${address}:${port}`;
  if (code === 'EADDRINUSE') {
    const holder = (port === undefined ? undefined : portHolder(port)) ?? 'another program';
    return `${holder} listens on ${place} already; take another port, or 0 for any free one`;
  }
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine; see --host`;
  if (code === 'EACCES' && port !== undefined) return `this user may not listen on ${place}; take a port above 1023`;
  return undefined;
}
