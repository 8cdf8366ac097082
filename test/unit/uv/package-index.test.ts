/** Where packages come from: the request, the settings, pip's configuration, in this order. */
import { expect, test } from 'vitest';
import {
  type AskedIndex,
  createIndexResolver,
  indexArguments,
  indexSecrets,
  indexVariables,
} from '../../../src/uv/package-index.ts';
import { readPipConfiguration } from '../../../src/uv/pip-configuration.ts';
import { secretsOf, withoutCredentials } from '../../../src/uv/redact.ts';

const settings = {
  packageIndex: '',
  extraPackageIndex: [],
  findPackages: [],
  allowExtraIndexes: false,
  packageBuilds: 'on-request' as const,
  offline: false,
};
const nothing: AskedIndex = {
  defaultIndex: '',
  extraIndexes: [],
  offline: false,
  allowBuild: false,
  requireHashes: false,
};
const pip = readPipConfiguration(
  [
    "global.index-url='https://pip.example/simple'",
    "global.extra-index-url='\\nhttps://one.example\\nhttps://two.example'",
    "global.find-links='/wheels https://links.example'",
    "global.trusted-host='pip.example'",
    "global.cert='/etc/own.pem'",
    "global.timeout='7'",
  ].join('\n'),
);
const resolve = (asked?: Partial<AskedIndex>, more: object = {}, configuration = pip) =>
  createIndexResolver({ ...settings, ...more }, async () => configuration)(asked && { ...nothing, ...asked });

test("without anything, pip's configuration stands for all", async () => {
  expect(await resolve()).toMatchObject({
    defaultIndex: 'https://pip.example/simple',
    extraIndexes: ['https://one.example', 'https://two.example'],
    findLinks: ['/wheels', 'https://links.example'],
    insecureHosts: ['pip.example'],
    certificateFile: '/etc/own.pem',
    timeoutSeconds: 7,
  });
});

test("a setting that names a source stands for all of pip's sources, not for its certificates", async () => {
  expect(await resolve({}, { packageIndex: 'https://ours.example' })).toMatchObject({
    defaultIndex: 'https://ours.example',
    extraIndexes: [],
    findLinks: [],
    certificateFile: '/etc/own.pem',
  });
});

test("a request that names its index gets none of the host's", async () => {
  expect(await resolve({ defaultIndex: 'https://mine.example' })).toMatchObject({
    defaultIndex: 'https://mine.example',
    extraIndexes: [],
    findLinks: [],
  });
});

test('where a setting names the source, pip that cannot be asked does not matter', async () => {
  const failing = () => Promise.reject(new Error('pip is broken'));
  await expect(createIndexResolver(settings, failing)()).rejects.toThrow('pip is broken');
  const named = { ...settings, packageIndex: 'https://ours.example' };
  expect(await createIndexResolver(named, failing)()).toMatchObject({ defaultIndex: 'https://ours.example' });
});

test('further indexes come first, where the settings allow them', async () => {
  const asked = { extraIndexes: ['https://mine.example'] };
  expect(await resolve(asked, { allowExtraIndexes: true })).toMatchObject({
    extraIndexes: ['https://mine.example', 'https://one.example', 'https://two.example'],
  });
  await expect(resolve(asked)).rejects.toMatchObject({
    reason: 'FORBIDDEN',
    message: expect.stringContaining('--allow-extra-indexes'),
  });
});

test('builds are only what a request and the settings allow', async () => {
  expect((await resolve()).allowBuild).toBe(false);
  expect((await resolve({ allowBuild: true })).allowBuild).toBe(true);
  await expect(resolve({ allowBuild: true }, { packageBuilds: 'never' })).rejects.toMatchObject({
    reason: 'FORBIDDEN',
  });
});

test('offline is what the settings or the request say', async () => {
  expect((await resolve({}, { offline: true })).offline).toBe(true);
  expect((await resolve({ offline: true })).offline).toBe(true);
});

test.each([
  'nonsense',
  'file:///etc',
  'ssh://x',
  'https://',
  'https://a b',
  'https://a\nb',
  '-i',
  'http:index',
  ' https://a',
])('%j is no index', async (address) => {
  await expect(resolve({ defaultIndex: address })).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
    metadata: { field: 'index.default_index' },
  });
  const asked = { extraIndexes: ['https://right.example', address] };
  await expect(resolve(asked, { allowExtraIndexes: true })).rejects.toMatchObject({
    metadata: { field: 'index.extra_indexes[1]' },
  });
});

test('what has a variable travels in it, and the rest as arguments', async () => {
  const index = await resolve({ excludeNewer: new Date(0), requireHashes: true, offline: true });
  expect(indexVariables(index)).toMatchObject({
    UV_DEFAULT_INDEX: 'https://pip.example/simple',
    UV_INDEX: 'https://one.example https://two.example',
    UV_FIND_LINKS: '/wheels,https://links.example',
    UV_OFFLINE: '1',
    UV_REQUIRE_HASHES: '1',
    UV_EXCLUDE_NEWER: '1970-01-01T00:00:00.000Z',
    UV_INSECURE_HOST: 'pip.example',
    UV_HTTP_TIMEOUT: '7',
  });
  expect(indexArguments(index)).toEqual(['--no-build']);
  expect(indexArguments({ ...index, allowBuild: true, noIndex: true })).toEqual(['--no-index']);
});

test("pip's configuration: variables before commands before files, as Python writes texts", () => {
  const read = readPipConfiguration(
    [
      "global.index-url='https://file.example'",
      "install.index-url='https://command.example'",
      ":env:.index-url='https://variable.example'",
      "global.no-index='true'",
      'user.proxy="ignored"',
      `:env:.proxy="it's \\\\ here\\x21"`,
      "global.timeout='soon'",
      'not a line',
      'global.broken=no-quotes',
      '',
    ].join('\n'),
  );
  expect(read).toMatchObject({
    defaultIndex: 'https://variable.example',
    noIndex: true,
    proxy: "it's \\ here!",
    timeoutSeconds: undefined,
  });
});

test('no configuration at all', () => {
  expect(readPipConfiguration('')).toMatchObject({ defaultIndex: '', extraIndexes: [], findLinks: [], noIndex: false });
});

test.each([
  ['at https://anna:s3cret@x.example/y', 'at https://***@x.example/y'],
  ['https://token@x', 'https://***@x'],
  ['https://a:b@c@x.example', 'https://***@x.example'],
  ['"git+ssh://git@x.example/y"', '"git+ssh://***@x.example/y"'],
  ['anna@x.example and https://x.example/@scope', 'anna@x.example and https://x.example/@scope'],
])('%j shows as %j', (text, shown) => expect(withoutCredentials(text)).toBe(shown));

test('long texts without anything to hide are looked through quickly', () => {
  for (const text of [
    'a'.repeat(1_000_000),
    'a://'.repeat(250_000),
    '://'.repeat(300_000),
    `a://${'b'.repeat(1_000_000)}`,
  ]) {
    const startedAt = performance.now();
    expect(withoutCredentials(text)).toBe(text);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  }
});

test('secrets of addresses show nowhere else either, written or decoded', async () => {
  const secrets = secretsOf(['https://anna:s3cret%2Fone@x', 'https://token-alone@x', 'https://x', 'https://a:b@x']);
  expect(secrets).toEqual(['s3cret%2Fone', 's3cret/one', 'token-alone']);
  expect(withoutCredentials('s3cret/one and token-alone', secrets)).toBe('*** and ***');
  expect(indexSecrets(await resolve({ defaultIndex: 'https://anna:s3cret-two@x' }))).toEqual(['s3cret-two']);
});
