/** `token`: the tokens of a home. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { removeToken, tokenPath, writeNewToken } from '../token-files.ts';
import { ensureToken, tokenNames } from '../tokens.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print, printList } from './output.ts';
import { runningGateway } from './running-gateway.ts';

/** Defines it. */
export function define(command: Command): void {
  const sub = (usage: string, description: string, run: (home: string, name: string, flags: Flags) => Promise<void>) =>
    addHomeFlag(command.command(usage).description(description)).action(
      async (name: string | undefined, _: unknown, self: Command) => {
        const flags: Flags = self.optsWithGlobals();
        await run(homeOf(flags), name ?? 'default', flags);
      },
    );
  sub('path [name]', 'where the token lies; its value is never printed', async (home, name) => {
    if (name === 'default') await ensureToken(home);
    print(existing(home, name));
  });
  sub('rotate [name]', 'put a new token in the place of one', async (home, name) => {
    existing(home, name);
    print(await writeNewToken(home, name));
    tellOfRestart(home);
  });
  sub('add <name>', 'a token for another caller, with sessions of its own', async (home, name) => {
    if (existsSync(tokenPath(home, name))) {
      throw new CliFailure(
        `there is a token ${name} already; a new one in its place: beep-python token rotate ${name}`,
      );
    }
    print(await writeNewToken(home, name));
    tellOfRestart(home);
  });
  sub('remove <name>', 'take a token away', async (home, name) => {
    if (name === 'default') {
      throw new CliFailure(
        'the first token is always there; a new one in its place: beep-python token rotate',
        usageExitCode,
      );
    }
    existing(home, name);
    await removeToken(home, name);
    print(`removed: ${name}`);
    tellOfRestart(home);
  });
  addHomeFlag(command.command('list').alias('ls').description('the names of the tokens'))
    .option('--json', 'as JSON')
    .action(async (_: unknown, self: Command) => {
      const flags: Flags = self.optsWithGlobals();
      const home = homeOf(flags);
      const rows = (await tokenNames(home))
        .map((name) => ({ name, path: tokenPath(home, name) }))
        .filter(({ path }) => existsSync(path));
      printList(
        rows,
        { name: ({ name }) => name, path: ({ path }) => path },
        {
          json: flags.json,
          whenEmpty: 'no tokens yet; the first start makes one',
        },
      );
    });
}

interface Flags {
  readonly home?: string;
  readonly json?: boolean;
}

function existing(home: string, name: string): string {
  const path = tokenPath(home, name);
  if (existsSync(path)) return path;
  throw new CliFailure(
    name === 'default'
      ? `no token yet: ${path}; the first start makes it`
      : `no such token: ${name}; see: beep-python token list`,
  );
}

function tellOfRestart(home: string): void {
  if (runningGateway(home) === undefined) return;
  console.error('The gateway that runs knows the tokens from its start: beep-python restart');
}
