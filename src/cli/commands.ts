/** Which commands there are: what one needs is loaded when it is called. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/** A command before it is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Adds its arguments, flags, subcommands and what it does. */
  readonly load: () => Promise<{ readonly define: (command: Command, context: CommandContext) => void }>;
}

/** In the order of `--help`. */
export const commands: readonly CommandEntry[] = [
  { name: 'init', aliases: ['i'], summary: 'make a home ready', load: () => import('./init.ts') },
  {
    name: 'start',
    aliases: ['run', 'serve'],
    summary: 'start the gateway',
    load: () => import('./start-command.ts'),
  },
  { name: 'stop', summary: 'stop the gateway', load: () => import('./stop.ts') },
  {
    name: 'restart',
    summary: 'stop the gateway and start it again in the background',
    load: () => import('./restart.ts'),
  },
  {
    name: 'status',
    aliases: ['st', 'info'],
    summary: 'whether the gateway runs, where, and what it holds',
    load: () => import('./status.ts'),
  },
  { name: 'logs', summary: 'the log of a gateway in the background', load: () => import('./logs.ts') },
  { name: 'exec', summary: 'run Python code, a file or what comes on stdin', load: () => import('./exec.ts') },
  { name: 'repl', summary: 'a Python prompt in a session', load: () => import('./repl.ts') },
  { name: 'attach', summary: 'follow an execution that was begun elsewhere', load: () => import('./attach.ts') },
  { name: 'session', summary: 'list, show, close and restart sessions', load: () => import('./session.ts') },
  {
    name: 'runtime',
    aliases: ['runtimes'],
    summary: 'the Pythons of the machine: list, install, uninstall, default, verify',
    load: () => import('./runtime.ts'),
  },
  { name: 'list', aliases: ['ls'], summary: 'the Pythons of the machine', load: () => import('./list.ts') },
  {
    name: 'venv',
    aliases: ['virtualenv', 'env'],
    summary: 'environments, and what is installed in them',
    load: () => import('./venv.ts'),
  },
  { name: 'token', summary: 'the tokens that let programs call', load: () => import('./token.ts') },
  {
    name: 'doctor',
    aliases: ['check', 'validate'],
    summary: 'look at everything that can go wrong',
    load: () => import('./doctor.ts'),
  },
  { name: 'completion', summary: 'make a shell complete commands and flags', load: () => import('./completion.ts') },
  { name: 'service', summary: 'a systemd unit or a launchd plist', load: () => import('./service.ts') },
  { name: 'config', summary: 'every setting, its value and where it came from', load: () => import('./config.ts') },
];

/** The entry that a name or an alias stands for. */
export function commandNamed(name: string): CommandEntry | undefined {
  return commands.find((entry) => entry.name === name || entry.aliases?.includes(name));
}
