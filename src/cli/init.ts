/** `init`: makes a home ready, so that the first start has little to do. */
import type { Command } from 'commander';
import { ensureToken } from '../tokens.ts';
import { CliFailure } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print } from './output.ts';
import { isSetUp, setUp } from './set-up.ts';

/** Defines it. */
export function define(command: Command): void {
  addHomeFlag(command)
    .option('-y, --yes', 'ask nothing: download Python where there is none')
    .action(async (_, self: Command) => await init(self.optsWithGlobals()));
}

async function init(flags: { readonly home?: string; readonly yes?: boolean }): Promise<void> {
  const home = homeOf(flags);
  if (await isSetUp(home)) {
    print(`${home} is set up already`);
    if (!(await asksForMore(flags))) return;
  }
  await setUp(home, flags.yes === true);
  print(`${home} is set up; the token is ${await ensureToken(home)}`);
  print('Next: beep-python start');
}

/** What is there already is done again only when somebody says so. */
async function asksForMore({ yes }: { readonly yes?: boolean }): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stdout.isTTY) return false;
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: 'Look for what is missing again?', initialValue: false });
  if (isCancel(answer)) throw new CliFailure('', 130);
  return answer;
}
