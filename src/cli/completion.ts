/** `completion`: what makes a shell complete our commands and flags; the words come from the commands themselves. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { print } from './output.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Defines it. */
export function define(command: Command, context: CommandContext): void {
  command
    .argument('<shell>', shells.join(', '))
    .addHelpText(
      'after',
      '\nbash: eval "$(beep-python completion bash)"; zsh the same; fish: beep-python completion fish | source',
    )
    .action(async (shell: string) => {
      if (shell === 'bash') return print(await bash(context));
      if (shell === 'zsh') return print(`autoload -U +X bashcompinit && bashcompinit\n${await bash(context)}`);
      if (shell === 'fish') return print(await fish(context));
      throw new CliFailure(`no such shell: ${shell}; there are ${shells.join(', ')}`, usageExitCode);
    });
}

interface Words {
  readonly command: string;
  readonly summary: string;
  readonly subcommands: readonly string[];
  readonly flags: readonly string[];
}

async function words({ commands, createProgram }: CommandContext): Promise<Words[]> {
  return await Promise.all(
    commands.map(async ({ name, summary }) => {
      const program = await createProgram([name]);
      const command = program.commands.find((found) => found.name() === name) as Command;
      const parts = [command, ...command.commands];
      const flags = parts.flatMap((part) => part.options.map(({ long }) => long ?? '')).filter(Boolean);
      return {
        command: name,
        summary,
        subcommands: command.commands.map((part) => part.name()),
        flags: [...new Set([...flags, '--help'])],
      };
    }),
  );
}

async function bash(context: CommandContext): Promise<string> {
  const all = await words(context);
  const cases = all.map(
    ({ command, subcommands, flags }) => `    ${command}) words="${[...subcommands, ...flags].join(' ')}" ;;`,
  );
  return `_beep_python() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${all.map(({ command }) => command).join(' ')} help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _beep_python beep-python`;
}

async function fish(context: CommandContext): Promise<string> {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = (await words(context)).flatMap(({ command, summary, subcommands, flags }) => [
    `complete -c beep-python -n __fish_use_subcommand -f -a ${command} -d ${quoted(summary)}`,
    ...subcommands.map((name) => `complete -c beep-python -n '__fish_seen_subcommand_from ${command}' -f -a ${name}`),
    ...flags.map((flag) => `complete -c beep-python -n '__fish_seen_subcommand_from ${command}' -l ${flag.slice(2)}`),
  ]);
  return lines.join('\n');
}
