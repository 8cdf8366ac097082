/** `doctor`: looks at everything that can go wrong, and says the next step for each. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { readConfig, resolveSettings } from '../config.ts';
import { readTokens } from '../tokens.ts';
import { namedAddress } from './address.ts';
import { CliFailure } from './failure.ts';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print, printJson, sizeOf, styled } from './output.ts';
import { portHolder } from './port-holder.ts';
import { runningGateway } from './running-gateway.ts';
import { readSettingsFile } from './settings-file.ts';

/** What a look found. */
interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly said: string;
  /** What to do; empty where there is nothing to do. */
  readonly next: string;
}

type Look = (
  flags: GatewayFlags,
  home: string,
) => Promise<Pick<Finding, 'said' | 'next'> & { state?: Finding['state'] }>;

const leastFreeBytes = 1024 ** 3;

/** Defines it. */
export function define(command: Command): void {
  addGatewayFlags(command)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit codes: 0 nothing failed; 1 something did.')
    .action(async (_, self: Command) => await doctor(self.optsWithGlobals()));
}

async function doctor(flags: GatewayFlags & { readonly json?: boolean }): Promise<void> {
  const home = homeOf(flags);
  const findings: Finding[] = [];
  for (const [name, look] of looks) {
    const { state = 'ok', ...rest } = await look(flags, home).catch((error: Error) => ({
      state: 'failed' as const,
      said: error.message,
      next: '',
    }));
    findings.push({ name, state, ...rest });
    if (!flags.json) print(lineOf(findings.at(-1) as Finding));
  }
  if (flags.json) printJson(findings);
  const failed = findings.filter(({ state }) => state === 'failed');
  if (failed.length > 0) throw new CliFailure(flags.json ? '' : `${failed.length} of ${findings.length} looks failed`);
}

function lineOf({ name, state, said, next }: Finding): string {
  const style = { ok: 'green', warning: 'yellow', failed: 'red' } as const;
  return `${styled(style[state], state.padEnd(7))}  ${name.padEnd(12)}  ${said}${next === '' ? '' : `\n${' '.repeat(23)}-> ${next}`}`;
}

const ok = (said: string) => ({ said, next: '' });
const warning = (said: string, next: string) => ({ state: 'warning' as const, said, next });
const failed = (said: string, next: string) => ({ state: 'failed' as const, said, next });

const looks: readonly (readonly [string, Look])[] = [
  [
    'system',
    async () =>
      process.platform === 'linux'
        ? ok(`Linux ${process.arch}`)
        : warning(process.platform, 'Linux is what is tried; elsewhere sessions are spawned and not forked'),
  ],
  [
    'settings',
    async ({ home }) => {
      const { config, sources } = resolveSettings(
        home === undefined ? {} : { home },
        process.env,
        await readSettingsFile({ home }),
      );
      const set = Object.values(sources).filter((source) => source !== 'default').length;
      return ok(`${Object.keys(config).length}, ${set} of them set; see: beep-python config`);
    },
  ],
  [
    'home',
    async (_, home) => {
      if (!existsSync(home)) return warning(`${home} is not there yet`, 'beep-python init');
      try {
        accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
      } catch {
        return failed(
          `${home} cannot be written`,
          `it belongs to user ${statSync(home).uid}: take another --home, or give it to this user`,
        );
      }
      return ok(home);
    },
  ],
  [
    'disk',
    async (_, home) => {
      const { bavail, bsize } = statfsSync(existsSync(home) ? home : '/');
      const free = bavail * bsize;
      const said = `${sizeOf(free)} free`;
      return free < leastFreeBytes
        ? warning(said, 'environments need room: remove some with beep-python venv delete')
        : ok(said);
    },
  ],
  [
    'worker',
    async (_, home) => {
      const python = join(home, 'admin', 'bin', 'python');
      if (!existsSync(python)) return failed('the environment of the gateway is not there', 'beep-python init');
      const code = 'import grpc, google.protobuf, sys; print(sys.version.split()[0], grpc.__version__)';
      const { stdout } = await promisify(execFile)(python, ['-c', code], { timeout: 30_000 }).catch((error) => {
        throw new Error(
          `${realpathSync(python)} does not work: ${String(error.stderr || error.message)
            .trim()
            .split('\n')
            .at(-1)}; rebuild it: remove ${join(home, 'admin')} and run beep-python init`,
        );
      });
      const [version, grpc] = stdout.trim().split(' ');
      return ok(`Python ${version}, grpcio ${grpc}`);
    },
  ],
  [
    'tokens',
    async (_, home) => {
      if (!existsSync(join(home, 'token'))) return ok('none yet: the first start makes one');
      return ok((await readTokens(home)).map(({ name }) => name).join(', '));
    },
  ],
  [
    'ports',
    async (flags, home) => {
      if (namedAddress(flags) !== undefined || runningGateway(home) !== undefined) return ok('those of the gateway');
      const { httpPort, rpcPort } = readConfig({ home }, process.env, await readSettingsFile({ home }));
      const holders = [httpPort, rpcPort].map((port) => [port, port === 0 ? undefined : portHolder(port)] as const);
      const taken = holders.filter(([, holder]) => holder !== undefined);
      if (taken.length === 0) return ok(`${httpPort} and ${rpcPort} are free`);
      return failed(
        taken.map(([port, holder]) => `${port} is taken by ${holder}`).join('; '),
        'end it, or take others with --http-port and --rpc-port; 0 is any free one',
      );
    },
  ],
  [
    'gateway',
    async (flags, home) => {
      if (namedAddress(flags) === undefined && runningGateway(home) === undefined)
        return warning(`none runs for ${home}`, 'beep-python start --detach');
      const { openGateway } = await import('./connection.ts');
      await using gateway = await openGateway(flags);
      const { version, principal } = await gateway.host();
      return ok(`version ${version} at ${gateway.address}, you are ${principal}`);
    },
  ],
  [
    'python',
    async (flags, home) => {
      if (namedAddress(flags) === undefined && runningGateway(home) === undefined)
        return ok('not looked at: no gateway runs');
      const { openGateway } = await import('./connection.ts');
      await using gateway = await openGateway(flags);
      const { stdout } = await gateway.fresh().run('import sys; print(sys.version.split()[0])', { timeoutMs: 30_000 });
      return ok(`a fresh session runs Python ${stdout.trim()}`);
    },
  ],
];
