import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Flags, flagOf, isLoopback, readConfig, settings, variableOf } from '../../src/config.ts';
import { nearest, SettingError } from '../../src/setting.ts';

const refused = (flags: Flags, env: NodeJS.ProcessEnv = {}) => {
  try {
    readConfig(flags, env);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingError);
    return (error as Error).message;
  }
  return undefined;
};

test('without flags and variables every setting has its default', () => {
  const config = readConfig({}, {});
  expect(config).toMatchObject({
    home: join(homedir(), '.beep-python'),
    backend: 'All',
    host: '127.0.0.1',
    httpPort: 5678,
    rpcPort: 50051,
    pipeName: 'beep-python-pipe',
    venv: 'default',
    auth: 'token',
    allowHost: [],
    workers: 2,
    maxMessageBytes: 16 * 1024 * 1024,
    interruptGraceMs: 2000,
    idleTimeoutMs: 1_800_000,
    readStallTimeoutMs: 300_000,
    defaultSessionIdleTimeoutMs: 43_200_000,
    maxOutputBytes: 1024 ** 3,
    maxKeptLogBytes: 4 * 1024 ** 3,
  });
  expect(Object.keys(config)).toEqual(Object.keys(settings));
  expect(Object.isFrozen(config)).toBe(true);
});

test('a flag goes before a variable, and a variable before the default', () => {
  const env = { BEEP_PYTHON_HTTP_PORT: '1', BEEP_PYTHON_WORKERS: '3' };
  expect(readConfig({ httpPort: '2' }, env)).toMatchObject({ httpPort: 2, workers: 3, rpcPort: 50051 });
});

test.each([
  ['sessionMemoryBytes', '1MiB', '16 MiB'],
  ['sessionProcesses', '1', '2'],
])('a default limit that no session could live under is refused: %s %s', (name, given, least) => {
  expect(readConfig({ [name]: '0' }, {})).toMatchObject({ [name]: 0 });
  expect(() => readConfig({ [name]: given }, {})).toThrow(`it is 0, for no limit, or at least ${least}`);
});

test('an empty variable is as good as none', () => {
  expect(readConfig({}, { BEEP_PYTHON_WORKERS: '' }).workers).toBe(2);
});

test('the default of one setting may follow another', () => {
  expect(readConfig({ home: '/h' }, {}).packageCache).toBe('/h/cache/uv');
  expect(readConfig({ home: '/h', packageCache: '/c' }, {}).packageCache).toBe('/c');
});

test('names of flags and variables follow from the name of the setting', () => {
  expect(flagOf('maxMessageBytes')).toBe('--max-message-bytes');
  expect(variableOf('maxMessageBytes')).toBe('BEEP_PYTHON_MAX_MESSAGE_BYTES');
});

describe('values', () => {
  test.each<[keyof typeof settings, string, unknown]>([
    ['httpPort', '0', 0],
    ['httpPort', '65535', 65535],
    ['maxMessageBytes', '1MiB', 1024 ** 2],
    ['maxMessageBytes', '65536', 65536],
    ['maxMessageBytes', '64 kib', 65536],
    ['idleTimeoutMs', '1500', 1500],
    ['idleTimeoutMs', '90s', 90_000],
    ['idleTimeoutMs', '2 h', 7_200_000],
    ['backend', 'http', 'Http'],
    ['auth', 'same-user', 'same-user'],
    ['allowHost', 'a.example, b.example', ['a.example', 'b.example']],
    ['allowPlaintextBind', 'yes', true],
    ['venv', 'tools', 'tools'],
    ['venv', './here', resolve('here')],
    ['home', 'here', resolve('here')],
  ])('%s takes %j', (name, given, expected) => {
    expect(readConfig({}, { [variableOf(name)]: given })[name]).toEqual(expected);
  });

  test.each<[keyof typeof settings, string, string]>([
    ['httpPort', '65536', 'a whole number; 0 to 65535'],
    ['httpPort', '-1', 'a whole number'],
    ['httpPort', '80.5', 'a whole number'],
    ['httpPort', '0x50', 'a whole number'],
    ['httpPort', '1e3', 'a whole number'],
    ['workers', '0', '1 to 64'],
    ['maxMessageBytes', '1KiB', '64 KiB to 1 GiB'],
    ['maxMessageBytes', '16MB', 'a whole number'],
    ['idleTimeoutMs', '25d', '1 s to 24 d'],
    ['idleTimeoutMs', 'foo', 'a time such as 30s, 5min; 1 s to 24 d'],
    ['backend', 'Grpc', 'All, Http, Rpc, Pipe'],
    ['auth', 'off', 'token, same-user, none'],
    ['allowPlaintextBind', 'maybe', 'true or false'],
    ['allowOrigin', 'a,,b', 'is empty'],
    ['host', ' ', 'is empty'],
  ])('%s refuses %j and says what it may be', (name, given, expected) => {
    const message = refused({}, { [variableOf(name)]: given });
    expect(message).toContain(variableOf(name));
    expect(message).toContain(expected);
    expect(refused({ [name]: given })).toContain(flagOf(name));
  });
});

test('an unknown variable of ours is refused with the nearest name', () => {
  expect(refused({}, { BEEP_PYTHON_HTTP_PROT: '1' })).toContain('nearest: BEEP_PYTHON_HTTP_PORT');
});

test('an unknown flag is refused with the nearest name', () => {
  expect(refused({ htpPort: '1' })).toContain('nearest: --http-port');
});

test('variables of the clients, and of others, are left alone', () => {
  expect(
    refused({}, { BEEP_PYTHON_TOKEN: 'x', BEEP_PYTHON_URL: 'x', BEEP_PYTHON: '/usr/bin/python3', PATH: '/' }),
  ).toBeUndefined();
});

test('nearest finds the name with the fewest letters changed', () => {
  expect(nearest('wrokers', ['workers', 'worker-count', 'walkers'])).toBe('workers');
});

test.each(['frobnicate', 'x', ''])('nothing is nearest to %j', (name) => {
  expect(nearest(name, ['workers', 'ls', 'exec'])).toBeUndefined();
});

describe('an address that others can reach', () => {
  test.each(['0.0.0.0', '::', '192.168.1.4', '10.0.0.1', 'example.org', '127.evil.example', ''])(
    '%j is no loopback',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('%j is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test('is refused unless somebody said that they mean it', () => {
    expect(refused({ host: '0.0.0.0' })).toContain('--allow-plaintext-bind');
    expect(readConfig({ host: '0.0.0.0', allowPlaintextBind: true }, {}).host).toBe('0.0.0.0');
  });

  test.each(['none', 'same-user'])('is refused with --auth %s whatever was said', (auth) => {
    expect(refused({ host: '0.0.0.0', allowPlaintextBind: true, auth })).toContain('--auth must be token');
  });
});

test.each([
  'nonsense',
  'packages.example/simple',
  'ftp://packages.example',
  'https://',
  'https://anna:s3cret@a b',
  '-i https://x',
])('an index cannot be %j, and its credentials are not repeated', (address) => {
  for (const name of ['packageIndex', 'extraPackageIndex'] as const) {
    for (const message of [refused({ [name]: address }), refused({}, { [variableOf(name)]: address })]) {
      expect(message).toContain(`${flagOf(name)} is no URL: it begins with https://`);
      expect(message).not.toMatch(/anna|s3cret/);
    }
  }
});

test('indexes are URLs, several for further ones', () => {
  const env = { BEEP_PYTHON_EXTRA_PACKAGE_INDEX: 'https://a:b@one.example/simple,file:///packages' };
  expect(readConfig({ packageIndex: 'http://127.0.0.1:8080/simple' }, env)).toMatchObject({
    packageIndex: 'http://127.0.0.1:8080/simple',
    extraPackageIndex: ['https://a:b@one.example/simple', 'file:///packages'],
    allowExtraIndexes: false,
    allowDirectReferences: false,
    packageBuilds: 'on-request',
    offline: false,
  });
});
