/** `config`: every setting, its value and where it came from. */
import type { Command } from 'commander';
import { flagOf, resolveSettings, type SettingName, settings, variableOf } from '../config.ts';
import { printList } from './output.ts';
import { addSettings } from './setting-flags.ts';
import { readSettingsFile } from './settings-file.ts';

/** Defines it. */
export function define(command: Command): void {
  addSettings(command);
  command.option('--json', 'as JSON').action(async (_, self: Command) => {
    const { json, address: _a, tokenFile: _t, ...flags } = self.optsWithGlobals();
    const { config, sources } = resolveSettings(flags, process.env, await readSettingsFile(flags));
    const names = Object.keys(settings) as SettingName[];
    const rows = names.map((name) => ({
      name: flagOf(name).slice(2),
      value: config[name],
      source: sources[name],
      variable: variableOf(name),
      meaning: settings[name].meaning,
    }));
    printList(
      rows,
      {
        setting: ({ name }) => name,
        value: ({ value }) => withoutPassword(Array.isArray(value) ? value.join(', ') : String(value)) || '-',
        source: ({ source }) => source,
      },
      { json, whenEmpty: '' },
    );
  });
}

/** The password in a URL is nobody's who looks over the shoulder. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^/@:\s]*):[^/@\s]*@/g, '$1:***@');
}
