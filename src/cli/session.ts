/** `session`: the sessions that are there. */
import type { Command } from 'commander';
import type { Gateway, SessionInfo } from '../client/node.ts';
import { CliFailure } from './failure.ts';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';
import { print, printFacts, printJson, printList, spanOf } from './output.ts';

/** Defines it. */
export function define(command: Command): void {
  const list = addGatewayFlags(command.command('list').alias('ls').description('your sessions, newest first'));
  list
    .option('--all', 'also those that ended a short while ago')
    .option('--venv <name>', 'those in this environment')
    .option('--json', 'as JSON')
    .action(async (_, self: Command) => {
      const flags: Flags & { all?: boolean; venv?: string } = self.optsWithGlobals();
      await withGateway(flags, async (gateway) => {
        const sessions: SessionInfo[] = [];
        for await (const session of gateway.listSessions({ includeClosed: flags.all, venv: flags.venv })) {
          sessions.push(session);
        }
        printSessions(sessions, flags.json);
      });
    });
  const one = (name: string, description: string) =>
    addGatewayFlags(command.command(name).description(description)).option('--json', 'as JSON');
  one('show <id>', 'one session').action(async (id: string, _, self: Command) => {
    const flags: Flags = self.optsWithGlobals();
    await withGateway(flags, async (gateway) => show(await gateway.session(id).info(), flags.json));
  });
  one('restart <id>', 'a fresh interpreter under the same id; its variables are gone').action(
    async (id: string, _, self: Command) => {
      const flags: Flags = self.optsWithGlobals();
      await withGateway(flags, async (gateway) => show(await gateway.session(id).restart(), flags.json));
    },
  );
  addGatewayFlags(command.command('close <ids...>').description('end sessions, and all that they started')).action(
    async (ids: string[], _, self: Command) => {
      await withGateway(self.optsWithGlobals(), async (gateway) => {
        const missing: string[] = [];
        for (const id of ids) {
          const closed = await gateway.session(id).close();
          if (closed === undefined) missing.push(id);
          else print(`closed: ${id}`);
        }
        if (missing.length > 0)
          throw new CliFailure(`no such session: ${missing.join(', ')}; see: beep-python session list`);
      });
    },
  );
}

interface Flags extends GatewayFlags {
  readonly json?: boolean;
}

async function withGateway(flags: GatewayFlags, work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const { openGateway } = await import('./connection.ts');
  await using gateway = await openGateway(flags);
  await work(gateway);
}

function printSessions(sessions: readonly SessionInfo[], json: boolean | undefined): void {
  printList(
    sessions,
    {
      id: ({ id }) => id,
      state: ({ state }) => (state ?? '').toLowerCase(),
      venv: ({ venv }) => venv,
      python: ({ pythonVersion }) => pythonVersion,
      pid: ({ pid }) => pid || '-',
      used: ({ usedAt }) => (usedAt === undefined ? '-' : `${spanOf(Date.now() - usedAt.getTime())} ago`),
      ends: ({ expiresAt }) => (expiresAt === undefined ? '-' : `in ${spanOf(expiresAt.getTime() - Date.now())}`),
      runs: ({ runningItemId }) => runningItemId || '-',
    },
    { json, whenEmpty: 'no sessions; one is made by: beep-python exec' },
  );
}

function show(session: SessionInfo, json: boolean | undefined): void {
  if (json) printJson(session);
  else
    printFacts(
      Object.entries(session).map(([name, value]) => [
        name,
        value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : value,
      ]),
    );
}
