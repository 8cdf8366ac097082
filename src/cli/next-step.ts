/** What a person at a command line can do about a refusal: the gateway's own sentences are for every kind of caller. */
import { CliFailure } from './failure.ts';

/** No gateway runs, or none answers. */
export const noGatewayExitCode = 3;

const commands: Readonly<Record<string, string>> = {
  UNREACHABLE: 'beep-python status',
  UNAUTHENTICATED: 'beep-python token path, and --token-file for a gateway elsewhere',
  SESSION_NOT_FOUND: 'beep-python session list',
  EXECUTION_NOT_FOUND: 'beep-python exec --detach, which prints the id of what it begins',
  VENV_NOT_FOUND: 'beep-python venv list',
  RUNTIME_NOT_FOUND: 'beep-python list',
  INTERNAL: 'beep-python logs',
};

/** The command that shows what there is. */
function commandFor(reason: string, message: string): string | undefined {
  const command = commands[reason];
  // What can be installed is another list than what was found.
  return /; no download of /.test(message) ? `${command} --available` : command;
}

/** A refusal as a sentence of the command line, with its exit code. */
export function failureOf(reason: string, message: string, home: string | undefined): CliFailure {
  const command = commandFor(reason, message);
  if (home !== undefined && /^no gateway runs|^the gateway of .* is gone/.test(message)) {
    return new CliFailure(`no gateway runs for ${home}; start one with: beep-python start --detach`, noGatewayExitCode);
  }
  const hint = command === undefined ? '' : `; see: ${command}`;
  return new CliFailure(
    `${message}${hint}`,
    reason === 'NO_GATEWAY' || reason === 'UNREACHABLE' ? noGatewayExitCode : 1,
  );
}
