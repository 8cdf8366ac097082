import { type Command, Option } from 'commander';
import { flagOf, type SettingName, settings, variableOf } from '../config.ts';
import type { Setting } from '../setting.ts';

/** What most people never touch stands apart in `--help`. */
const everyday: readonly SettingName[] = [
  'home',
  'backend',
  'host',
  'httpPort',
  'rpcPort',
  'pipeName',
  'venv',
  'auth',
  'allowPlaintextBind',
  'allowHost',
  'allowOrigin',
  'workers',
  'logLevel',
  'logFormat',
  'logFile',
];

/** Gives a command one flag for each row of the table of settings. */
export function addSettings(command: Command): void {
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
    const placeholder = setting.placeholder === undefined ? '' : ` <${setting.placeholder}>`;
    const option = new Option(`${flagOf(name)}${placeholder}`, describe(name, setting));
    option.helpGroup(everyday.includes(name) ? 'Settings:' : 'Limits:');
    if (setting.isList) option.argParser((item: string, before: string[] | undefined) => [...(before ?? []), item]);
    command.addOption(option);
  }
}

function describe(name: SettingName, setting: Setting<unknown>): string {
  const isShownInPlaceholder = setting.placeholder?.includes('|') === true;
  const facts = [
    setting.isList ? 'may be repeated' : '',
    setting.shownDefault === '' || setting.placeholder === undefined ? '' : `default: ${setting.shownDefault}`,
    setting.range === '' || setting.placeholder === undefined || isShownInPlaceholder ? '' : `range: ${setting.range}`,
    `env: ${variableOf(name)}`,
  ];
  return `${setting.meaning} (${facts.filter(Boolean).join('; ')})`;
}
