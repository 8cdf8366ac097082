/** What `venv` tells of an environment without changing it. */
import { readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { messageJson } from '../client/message-json.ts';
import { answer } from '../client/updates.ts';
import { checkLevels, exportFormats } from '../client/venv-enums.ts';
import { orNearest } from '../setting.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print, printFacts, printJson, printList, sizeOf } from './output.ts';
import { type CallFlags, withGateway } from './with-gateway.ts';

/** Defines `packages`, `check`, `export` and `admin`. */
export function defineLooking(command: Command, sub: (usage: string, description: string) => Command): void {
  sub('packages <name>', 'what is installed').action(async (name: string, _, self: Command) => {
    await withGateway(self, async ({ services }, { json }) => {
      const { packages } = await answer(services.venvs.listPackages({ name }));
      printList(
        packages,
        {
          name: ({ name }) => name,
          version: ({ version }) => version,
          size: ({ sizeBytes }) => sizeOf(sizeBytes),
          asked: ({ requested }) => (requested ? 'yes' : '-'),
          summary: ({ summary }) => summary,
        },
        { json, toJson: messageJson, whenEmpty: 'no packages' },
      );
    });
  });
  sub('check <name>', 'look whether it is sound')
    .option('--level <level>', `how thoroughly: ${Object.keys(checkLevels).join(', ')}`, 'dependencies')
    .option('--module <name>', 'with imports: a module to import; may be repeated', (item, before: string[] = []) => [
      ...before,
      item,
    ])
    .action(async (name: string, _, self: Command) => {
      await withGateway<CallFlags & { level: string; module?: string[] }>(self, async ({ services }, flags) => {
        const level = wordOf(checkLevels, flags.level, '--level');
        const { sound, problems } = await answer(services.venvs.checkVenv({ name, level, modules: flags.module }));
        if (flags.json) printJson({ sound, problems: problems.map(messageJson) });
        else for (const { subject, message } of problems) print(`${subject}: ${message}`);
        if (!sound) throw new CliFailure(`${name} is not sound: ${problems.length} problems`);
        if (!flags.json) print(`${name} is sound`);
      });
    });
  sub('export <name>', 'what is installed, to be installed elsewhere')
    .option('--format <format>', Object.keys(exportFormats).join(' or '), 'requirements')
    .action(async (name: string, _, self: Command) => {
      await withGateway<CallFlags & { format: string }>(self, async ({ services }, flags) => {
        const format = wordOf(exportFormats, flags.format, '--format');
        const { text } = await answer(services.venvs.exportVenv({ name, format }));
        if (flags.json) printJson({ text });
        else process.stdout.write(text);
      });
    });
  addHomeFlag(command.command('admin').description('the environment of the gateway itself'))
    .option('--json', 'as JSON')
    .action((_, self: Command) => {
      const flags: { home?: string; json?: boolean } = self.optsWithGlobals();
      const home = homeOf(flags);
      const path = adminPath(home);
      if (flags.json) printJson({ path, python: join(path, 'bin', 'python') });
      else {
        printFacts([
          ['path', path],
          ['python', join(path, 'bin', 'python')],
          ['uv', join(path, 'bin', 'uv')],
        ]);
      }
    });
}

function adminPath(home: string): string {
  try {
    return resolve(home, readlinkSync(join(home, 'admin')));
  } catch {
    throw new CliFailure(`${home} is not set up; do it with: beep-python init`);
  }
}

function wordOf<Value>(words: Readonly<Record<string, Value>>, given: string, flag: string): Value {
  if (Object.hasOwn(words, given)) return words[given] as Value;
  const names = Object.keys(words);
  throw new CliFailure(`${flag} is one of ${names.join(', ')}, not ${given}${orNearest(given, names)}`, usageExitCode);
}
