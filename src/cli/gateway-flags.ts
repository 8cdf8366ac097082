/** The flags of every command that talks to a gateway: which one, and as whom. */
import { type Command, Option } from 'commander';

/** Flags before the command that take a value. */
export const valueFlags: readonly string[] = ['--home', '--address', '--token-file'];

/** What they say. */
export interface GatewayFlags {
  readonly home?: string;
  readonly address?: string;
  readonly tokenFile?: string;
}

/** They may stand before the command, and after it. */
export function globalFlags(): Option[] {
  return [
    new Option('--home <path>', 'folder of the gateway (env: BEEP_PYTHON_HOME; default: ~/.beep-python)'),
    new Option('--address <url>', 'a gateway elsewhere, such as http://127.0.0.1:5678 (env: BEEP_PYTHON_URL)'),
    new Option('--token-file <path>', 'the file with the token (env: BEEP_PYTHON_TOKEN_FILE)'),
  ];
}

/** Gives a command the flags. */
export function addGatewayFlags(command: Command): Command {
  for (const option of globalFlags()) command.addOption(option);
  return command;
}

/** Gives a command the flag of the home alone: what it does concerns files of this machine. */
export function addHomeFlag(command: Command): Command {
  return command.addOption(globalFlags()[0] as Option);
}
