/**
 * The one table of settings. The parser, `--help` and the reference are made from it, so a setting that is not here does
 * not exist. Precedence: flags, then environment variables, then the file of settings, then defaults.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  bytes,
  choice,
  durationMs,
  integer,
  list,
  nameOrAbsolutePath,
  nameOrPath,
  orNearest,
  path,
  type Setting,
  SettingError,
  text,
  yes,
} from './setting.ts';

const defaultHome = () => join(homedir(), '.beep-python');
/** Node fires a timer of more than 2^31 ms at once; the largest whole number of days below that. */
const longestMs = 24 * 86_400_000;

/** Every setting, by the name that it has in `Config`. */
export const settings = {
  home: path({
    default: defaultHome,
    shownDefault: '~/.beep-python',
    meaning: 'folder that holds everything that is kept',
  }),
  backend: choice(['All', 'Http', 'Rpc', 'Pipe'], { default: 'All', meaning: 'which listeners to start' }),
  host: text({ default: '127.0.0.1', meaning: 'address that the listeners bind to' }),
  httpPort: integer({ min: 0, max: 65535, default: 5678, meaning: 'port of the HTTP listener; 0 takes any free one' }),
  rpcPort: integer({ min: 0, max: 65535, default: 50051, meaning: 'port of the RPC listener; 0 takes any free one' }),
  pipeName: nameOrAbsolutePath({ default: 'beep-python-pipe', meaning: 'name of the pipe, or its absolute path' }),
  venv: nameOrPath({
    default: 'default',
    meaning: 'environment of sessions that name none: its name, or the path of one',
  }),
  auth: choice(['token', 'same-user', 'none'], {
    default: 'token',
    meaning: 'who may call: whoever has the token, also any program of this user, or anybody on this machine',
  }),
  allowPlaintextBind: yes({
    meaning: 'allow an address that others can reach, without TLS; the token is mandatory then',
  }),
  allowHost: list({ meaning: 'further host name that requests may be addressed to' }),
  allowOrigin: list({ meaning: 'further origin whose pages may call, such as https://app.example' }),
  logLevel: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    meaning: 'least level that is logged',
  }),
  logFormat: choice(['auto', 'pretty', 'json'], {
    default: 'auto',
    meaning: 'auto: pretty on a terminal, else JSON lines',
  }),
  logFile: path({
    default: () => '',
    shownDefault: '',
    meaning: 'file that the log goes to, instead of stderr; SIGHUP opens it anew. With --detach there always is one',
  }),
  logFileBytes: bytes({
    min: 64 * 1024,
    max: 64 * 1024 ** 3,
    default: 16 * 1024 ** 2,
    meaning: 'size at which the log file becomes an old one, and a new one begins',
  }),
  keptLogFiles: integer({ min: 1, max: 100, default: 4, meaning: 'old log files that are kept' }),
  workers: integer({ min: 1, max: 64, default: 2, meaning: 'number of worker processes' }),
  packageCache: path({
    default: ({ home }) => join(home as string, 'cache', 'uv'),
    shownDefault: '<home>/cache/uv',
    meaning: 'folder of the package cache; best on the same file system as the home',
  }),
  packageIndex: text({
    default: '',
    meaning:
      "URL of the package index; without it what pip's configuration names; best by its variable, if it holds credentials",
  }),
  extraPackageIndex: list({ meaning: 'URL of a further package index, asked before the other' }),
  findPackages: list({ meaning: 'folder or page with files of packages, beside the index' }),
  allowExtraIndexes: yes({ meaning: 'allow requests to name further package indexes' }),
  allowDirectReferences: yes({
    meaning: 'allow requests for packages by URL or path, which may run code of theirs while they are installed',
  }),
  packageBuilds: choice(['on-request', 'never'], {
    default: 'on-request',
    meaning: 'whether a request may allow packages to be built from source, which runs their code',
  }),
  pythonMirror: text({
    default: '',
    meaning: 'URL in the place of that of the releases of python-build-standalone, for interpreters to install',
  }),
  pypyMirror: text({ default: '', meaning: 'URL in the place of that of the downloads of PyPy' }),
  pythonDownloads: text({
    default: '',
    meaning: "path or URL of a list of interpreters to install, in uv's format, with checksums; else the list of uv",
  }),
  keptGenerations: integer({
    min: 0,
    max: 1000,
    default: 3,
    meaning: 'former generations of an environment that are kept for a rollback',
  }),
  offline: yes({ meaning: 'ask no package index: take only what is in the package cache' }),
  maxMessageBytes: bytes({ min: 64 * 1024, max: 1024 ** 3, default: 16 * 1024 ** 2, meaning: 'largest message' }),
  maxTimeoutMs: durationMs({ min: 1000, max: longestMs, default: longestMs, meaning: 'longest deadline of a call' }),
  maxConcurrentStreams: integer({ min: 1, max: 100_000, default: 1000, meaning: 'calls at once on one connection' }),
  maxConcurrentCallsPerPrincipal: integer({
    min: 1,
    max: 100_000,
    default: 500,
    meaning: 'calls at once of one caller',
  }),
  maxConnections: integer({ min: 1, max: 100_000, default: 2000, meaning: 'connections at once on one listener' }),
  maxSessions: integer({ min: 1, max: 100_000, default: 1000, meaning: 'sessions at once' }),
  maxSessionsPerWorker: integer({ min: 1, max: 10_000, default: 256, meaning: 'sessions at once in one worker' }),
  maxQueuedItems: integer({ min: 1, max: 10_000, default: 64, meaning: 'executions that wait in one session' }),
  sessionMemoryBytes: bytes({
    min: 0,
    max: 2 ** 50,
    default: 0,
    meaning: 'memory of a session that names no limit of its own; 0: no limit',
  }),
  sessionProcesses: integer({
    min: 0,
    max: 1_000_000,
    default: 0,
    meaning: 'processes and threads of a session that names no limit of its own; 0: no limit',
  }),
  maxOutputBytes: bytes({ min: 1024, max: 2 ** 50, default: 1024 ** 3, meaning: 'output of one execution' }),
  maxKeptLogBytes: bytes({
    min: 1024 ** 2,
    max: 2 ** 50,
    default: 4 * 1024 ** 3,
    meaning: 'events of executions that are kept on disk, all together',
  }),
  interruptGraceMs: durationMs({
    min: 100,
    max: 600_000,
    default: 2000,
    meaning: 'time that code has to stop by itself',
  }),
  idleTimeoutMs: durationMs({
    min: 1000,
    max: longestMs,
    default: 30 * 60_000,
    meaning: 'idle time that ends a session',
  }),
  readStallTimeoutMs: durationMs({
    min: 1000,
    max: longestMs,
    default: 5 * 60_000,
    meaning: 'time that a read of large data waits for its reader',
  }),
  defaultSessionIdleTimeoutMs: durationMs({
    min: 1000,
    max: longestMs,
    default: 12 * 3_600_000,
    meaning: 'idle time that ends a default session',
  }),
} as const satisfies Record<string, Setting<unknown>>;

type ValueOf<S> = S extends Setting<infer V> ? V : never;

/** The settings in force: one field for each row of the table. */
export interface Config extends Readonly<{ [Name in keyof typeof settings]: ValueOf<(typeof settings)[Name]> }> {}

/** Name of a setting. */
export type SettingName = keyof Config;

/** What a command line gave: texts, lists of texts for repeated flags, `true` for flags without a value. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** Variables that begin like ours, and belong to the clients and to the tests. */
const foreignVariables = /^BEEP_PYTHON_(URL|TOKEN|TOKEN_FILE|TEST_.*)$/;

/** The flag of a setting: `httpPort` is `--http-port`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of a setting: `httpPort` is `BEEP_PYTHON_HTTP_PORT`. */
export function variableOf(name: string): string {
  return `BEEP_PYTHON_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** Settings by the names of their flags, from a file. */
export interface FileSettings {
  /** For errors. */
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Where the value of a setting came from: a flag, a variable, a file, or nowhere. */
export type Source = string;

/** Settings, and where each came from. */
export interface Resolved {
  readonly config: Config;
  readonly sources: Readonly<Record<SettingName, Source>>;
}

/** Reads, checks and freezes the settings; throws a SettingError that says which one is wrong, its bounds, and what to do. */
export function readConfig(flags: Flags, env: Readonly<NodeJS.ProcessEnv>, file?: FileSettings): Config {
  return resolveSettings(flags, env, file).config;
}

/** The same, with where each value came from. */
export function resolveSettings(flags: Flags, env: Readonly<NodeJS.ProcessEnv>, file?: FileSettings): Resolved {
  refuseUnknown(flags, env, file);
  const config: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
    const variable = env[variableOf(name)];
    const [flag, key] = [flagOf(name), flagOf(name).slice(2)];
    const take = (given: unknown, source: Source, shown = source) => {
      config[name] = setting.read(given, shown);
      sources[name] = source;
    };
    if (flags[name] !== undefined) take(flags[name], flag);
    else if (variable !== undefined && variable !== '') take(variable, variableOf(name));
    else if (file?.values[key] !== undefined)
      take(fromFile(setting, file.values[key]), file.path, `${key} in ${file.path}`);
    else {
      config[name] = setting.defaultValue(config);
      sources[name] = 'default';
    }
  }
  checkExposure(config as unknown as Config);
  checkLeast(config as unknown as Config);
  checkIndexes(config as unknown as Config);
  return { config: Object.freeze(config) as unknown as Config, sources: sources as Record<SettingName, Source> };
}

/** A table, a date or a list where one value is wanted is shown as it was meant. */
function fromFile(setting: Setting<unknown>, given: unknown): unknown {
  const isPlain = ['string', 'number', 'boolean', 'bigint'].includes(typeof given);
  return isPlain || (setting.isList && Array.isArray(given)) ? given : JSON.stringify(given);
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return /^127(\.[0-9]{1,3}){3}$/.test(host) || host === '::1' || host === 'localhost';
}

function refuseUnknown(flags: Flags, env: Readonly<NodeJS.ProcessEnv>, file: FileSettings | undefined): void {
  const names = Object.keys(settings);
  // Which home it is must be known before its file can be read.
  const keys = names.filter((name) => name !== 'home').map((name) => flagOf(name).slice(2));
  for (const key of Object.keys(file?.values ?? {})) {
    if (keys.includes(key)) continue;
    throw new SettingError(`no such setting in ${file?.path}: ${key}${orNearest(key, keys)}`);
  }
  for (const name of Object.keys(flags)) {
    if (!names.includes(name))
      throw new SettingError(`no such flag: ${flagOf(name)}${orNearest(flagOf(name), names.map(flagOf))}`);
  }
  const variables = names.map(variableOf);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('BEEP_PYTHON_') || variables.includes(name) || foreignVariables.test(name)) continue;
    throw new SettingError(`no such setting: ${name}${orNearest(name, variables)}`);
  }
}

/** A limit that a session cannot live under would refuse every session. */
function checkLeast(config: Config): void {
  for (const [name, least, shown] of [
    ['sessionMemoryBytes', 16 * 1024 ** 2, '16 MiB'],
    ['sessionProcesses', 2, '2'],
  ] as const) {
    if (config[name] > 0 && config[name] < least) {
      throw new SettingError(`${flagOf(name)} cannot be ${config[name]}: it is 0, for no limit, or at least ${shown}`);
    }
  }
}

/** What is no address would fail every request for packages; it is not shown, since it may hold credentials. */
function checkIndexes(config: Config): void {
  const given = [
    ['packageIndex', config.packageIndex === '' ? [] : [config.packageIndex]],
    ['extraPackageIndex', config.extraPackageIndex],
  ] as const;
  for (const [name, addresses] of given) {
    if (addresses.every((address) => /^(?:https?|file):\/\/[^\s\p{Cc}]+$/u.test(address) && URL.canParse(address)))
      continue;
    throw new SettingError(`${flagOf(name)} is no URL: it begins with https://, http:// or file://, and has no spaces`);
  }
}

/** Whoever can call can run code: what others can reach needs a token, and somebody who said that they mean it. */
function checkExposure(config: Config): void {
  if (isLoopback(config.host)) return;
  const where = `others can reach ${config.host}`;
  if (!config.allowPlaintextBind) {
    throw new SettingError(
      `${where}, and whoever can call can run code: stay on 127.0.0.1, or put something that ends TLS in front and add --allow-plaintext-bind`,
    );
  }
  if (config.auth !== 'token') throw new SettingError(`${where}: --auth must be token there, not ${config.auth}`);
}
