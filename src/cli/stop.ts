/** `stop`: tells the gateway to end, and waits until it has. */
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { CliFailure } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print } from './output.ts';
import { isAlive, runningGateway } from './running-gateway.ts';

/** Defines it. */
export function define(command: Command): void {
  addHomeFlag(command)
    .option('--now', 'do not wait for calls under way')
    .action(async (_, self: Command) => {
      const flags: { home?: string; now?: boolean } = self.optsWithGlobals();
      const home = homeOf(flags);
      const pid = await stopGateway(home, flags.now === true);
      print(pid === undefined ? `no gateway runs for ${home}` : `stopped: the gateway of ${home}, process ${pid}`);
    });
}

const pollMs = 20;
/** A gateway takes two signals that are closer together for one. */
const secondSignalMs = 600;
/** Longer than the gateway gives to calls under way. */
const longestMs = 60_000;

/** Ends the gateway of a home; answers with its process, or undefined where none ran. */
export async function stopGateway(home: string, isNow: boolean): Promise<number | undefined> {
  const running = runningGateway(home);
  if (running === undefined) return undefined;
  const { pid } = running;
  tell(pid, home);
  let hasToldAgain = !isNow;
  const since = performance.now();
  while (isAlive(pid)) {
    const waitedMs = performance.now() - since;
    if (waitedMs > longestMs) {
      throw new CliFailure(`process ${pid} has not ended for ${longestMs / 1000} s; end it with: kill -9 ${pid}`);
    }
    if (!hasToldAgain && waitedMs > secondSignalMs) {
      hasToldAgain = true;
      tell(pid, home);
    }
    await setTimeout(pollMs);
  }
  return pid;
}

function tell(pid: number, home: string): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') throw new CliFailure(`the gateway of ${home} is another user's: process ${pid}`);
  }
}
