/** `status`: whether the gateway runs, where, and what it holds. */
import type { Command } from 'commander';
import { namedAddress } from './address.ts';
import { CliFailure } from './failure.ts';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { noGatewayExitCode } from './next-step.ts';
import { printFacts, printJson, sizeOf, spanOf, styled } from './output.ts';
import { runningGateway } from './running-gateway.ts';

/** Defines it. */
export function define(command: Command): void {
  addGatewayFlags(command)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit codes: 0 it runs and answers; 3 it does not.')
    .action(async (_, self: Command) => await status(self.optsWithGlobals()));
}

async function status(flags: GatewayFlags & { readonly json?: boolean }): Promise<void> {
  const home = homeOf(flags);
  const isHere = namedAddress(flags) === undefined;
  const file = isHere ? runningGateway(home) : undefined;
  if (isHere && file === undefined) {
    if (flags.json) {
      printJson({ running: false, home });
      process.exitCode = noGatewayExitCode;
      return;
    }
    throw new CliFailure(`no gateway runs for ${home}; start one with: beep-python start`, noGatewayExitCode);
  }
  const { openGateway } = await import('./connection.ts');
  await using gateway = await openGateway(flags);
  const { hosts } = gateway.services;
  const signal = AbortSignal.timeout(10_000);
  const { toBeepError } = await import('../client/beep-error.ts');
  const [host, stats] = await Promise.all([hosts.getHost({}, { signal }), hosts.getStats({}, { signal })]).catch(
    (error) => {
      throw toBeepError(error);
    },
  );
  const startedAtMs = Number(host.startedAt?.seconds ?? 0n) * 1000;
  const residentBytes = stats.workers.reduce((sum, worker) => sum + Number(worker.residentBytes), 0);
  const facts = {
    running: true,
    version: host.version,
    pid: file?.pid ?? null,
    startedAt: new Date(startedAtMs).toISOString(),
    home: isHere ? home : null,
    endpoints: file?.endpoints ?? { address: gateway.address },
    tokenFile: file?.tokenFile ?? null,
    principal: host.principal,
    defaultVenv: host.defaultVenv,
    sessions: { open: stats.sessionsOpen, busy: stats.sessionsBusy, queuedItems: stats.itemsQueued },
    workers: stats.workers.length,
    residentBytes,
    executions: Number(stats.executionsTotal),
  };
  if (flags.json) return printJson(facts);
  printFacts([
    ['gateway', `${styled('green', 'running')}, version ${host.version}, for ${spanOf(Date.now() - startedAtMs)}`],
    ['process', file?.pid],
    ['home', isHere ? home : ''],
    ...(file === undefined
      ? [['address', gateway.address] as const]
      : Object.entries(file.endpoints).map(([name, url]) => [name, url ?? ''] as const)),
    ['token', file?.tokenFile],
    ['you', host.principal],
    ['venv', host.defaultVenv],
    ['sessions', `${stats.sessionsOpen} open, ${stats.sessionsBusy} busy, ${stats.itemsQueued} waiting`],
    ['workers', `${stats.workers.length}, ${sizeOf(residentBytes)}`],
    ['executions', Number(stats.executionsTotal)],
  ]);
}
