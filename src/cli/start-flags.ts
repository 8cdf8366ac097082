import { type Config, type FileSettings, type Flags, readConfig, settings } from '../config.ts';
import { CliFailure, usageExitCode } from './failure.ts';

/** What `start` was given beside the settings. */
export interface StartFlags {
  readonly port?: string;
  readonly detach?: boolean;
  readonly [setting: string]: string | readonly string[] | boolean | undefined;
}

/** The settings that a `start` command line asks for: the transport named and `--port` are short forms of others. */
export function startConfig(
  transport: string | undefined,
  flags: StartFlags,
  env: NodeJS.ProcessEnv,
  file?: FileSettings,
): Config {
  const { port, detach: _, ...rest } = flags;
  const given: Record<string, Flags[string]> = { ...rest };
  if (transport !== undefined) {
    const named = settings.backend.read(transport, 'the transport');
    if (given.backend !== undefined && settings.backend.read(given.backend, '--backend') !== named) {
      throw usage(`two transports: ${transport} and --backend ${given.backend}; name one, or none for all`);
    }
    given.backend = named;
  }
  if (port === undefined) return readConfig(given, env, file);
  const { backend } = readConfig(given, env, file);
  if (backend !== 'Http' && backend !== 'Rpc') {
    throw usage('--port belongs to one transport: name Http or Rpc, or use --http-port and --rpc-port');
  }
  const target = backend === 'Http' ? 'httpPort' : 'rpcPort';
  if (given[target] !== undefined) throw usage('two ports for one transport: leave out --port or the other one');
  settings[target].read(port, '--port');
  return readConfig({ ...given, [target]: port }, env, file);
}

function usage(message: string): CliFailure {
  return new CliFailure(message, usageExitCode);
}
