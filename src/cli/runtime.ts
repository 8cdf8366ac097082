/** `runtime` and `list`: the Pythons of the gateway's machine. */
import type { Command } from 'commander';
import { messageJson } from '../client/message-json.ts';
import type { Gateway } from '../client/node.ts';
import { answer, resultOfWork } from '../client/updates.ts';
import { CliFailure } from './failure.ts';
import { addGatewayFlags } from './gateway-flags.ts';
import { print, printJson, printList } from './output.ts';
import { createProgressView } from './progress.ts';
import { type CallFlags, withGateway } from './with-gateway.ts';

interface ListFlags extends CallFlags {
  readonly available?: boolean;
  readonly version?: string;
}

/** Defines `runtime`. */
export function define(command: Command): void {
  defineList(command.command('list').alias('ls').description('the runtimes that were found'));
  addGatewayFlags(command.command('install <version>').description('download a runtime, such as 3.13'))
    .option('--default', 'and make it the default')
    .option('--json', 'as JSON')
    .action(async (version: string, _, self: Command) => {
      await withGateway<CallFlags & { default?: boolean }>(self, async ({ services }, flags) => {
        using view = createProgressView();
        const request = { version, setDefault: flags.default === true };
        const runtime = await resultOfWork(services.hosts.installRuntime(request), view.show);
        view[Symbol.dispose]();
        if (flags.json) printJson(messageJson(runtime));
        else print(`installed: ${runtime.id}, Python ${runtime.version}, ${runtime.path}`);
      });
    });
  addGatewayFlags(command.command('uninstall <runtime>').description('remove a runtime that was downloaded')).action(
    async (runtimeId: string, _, self: Command) => {
      await withGateway(self, async ({ services }) => {
        await answer(services.hosts.uninstallRuntime({ runtimeId }));
        print(`uninstalled: ${runtimeId}`);
      });
    },
  );
  addGatewayFlags(command.command('default <runtime>').description('take it for new environments')).action(
    async (runtime: string, _, self: Command) => {
      await withGateway(self, async ({ services }) => {
        const { runtime: chosen } = await answer(services.hosts.setDefaultRuntime({ runtime }));
        print(`default: ${chosen?.id}, Python ${chosen?.version}`);
      });
    },
  );
  addGatewayFlags(
    command.command('verify [runtime]').description('look whether a runtime works; left out: the default'),
  )
    .option('--json', 'as JSON')
    .action(async (runtime: string | undefined, _, self: Command) => {
      await withGateway(self, async ({ services }, flags) => {
        const found = await answer(services.hosts.getRuntime({ runtime: runtime ?? '', verify: true }));
        if (flags.json) printJson(messageJson(found));
        else if (found.problems.length === 0) print(`sound: ${found.runtime?.id}, Python ${found.runtime?.version}`);
        if (found.problems.length > 0 || found.runtime?.usable === false) {
          throw new CliFailure(
            `runtime has problems: ${[...found.problems, found.runtime?.unusableReason].filter(Boolean).join('; ')}`,
          );
        }
      });
    });
}

/** Gives a command the flags of a list of runtimes, and the list. */
export function defineList(command: Command): void {
  addGatewayFlags(command)
    .option('--available', 'also those that could be downloaded')
    .option('--version <request>', 'those that fit, such as ">=3.11"')
    .option('--json', 'as JSON')
    .action(async (_, self: Command) => await withGateway(self, list));
}

async function list({ services }: Gateway, { available, version, json }: ListFlags): Promise<void> {
  const request = { includeAvailable: available === true, version };
  const { runtimes } = await answer(services.hosts.listRuntimes(request));
  const none = version === undefined ? 'no runtimes' : `no runtime fits ${version}`;
  printList(
    runtimes,
    {
      id: ({ id, default: isDefault }) => `${id}${isDefault ? ' *' : ''}`,
      version: ({ version }) => version,
      type: ({ implementation }) => implementation,
      source: ({ source }) => source,
      status: ({ usable, path, unusableReason }) =>
        usable === false ? `unusable: ${unusableReason}` : path === '' ? 'available' : 'usable',
      path: ({ path }) => path || '-',
    },
    { json, toJson: messageJson, whenEmpty: `${none}; one is downloaded by: beep-python runtime install 3.13` },
  );
}
