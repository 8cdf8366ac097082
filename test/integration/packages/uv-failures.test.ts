/** Every failure of uv that has a name of its own, provoked for real: a package index of the test's own that misbehaves. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BeepError, Reason } from '../../../src/errors.ts';
import { uvFailure } from '../../../src/uv/failure.ts';
import type { PackageIndex } from '../../../src/uv/package-index.ts';
import { createPipConfiguration } from '../../../src/uv/pip-configuration.ts';
import { runUv } from '../../../src/uv/run.ts';
import { type PackageIndexOptions, startPackageIndex } from '../../support/package-index.ts';
import { canMount, mountSmallDisk } from '../../support/small-disk.ts';
import { makeSourceDistribution, makeWheel } from '../../support/wheel.ts';
import { sharedAdminFolder } from '../setup/test-home.ts';
import { createUvPlace, onlyIndex, type UvPlace } from './uv-calls.ts';

let place: UvPlace;
beforeAll(async () => {
  place = await createUvPlace();
});
afterAll(() => place?.[Symbol.asyncDispose]());

const backend = (does: string) => ({
  'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  'backend.py': `def prepare_metadata_for_build_wheel(*_, **__):\n    ${does}\nbuild_wheel = prepare_metadata_for_build_wheel\n`,
});
const long = makeWheel({ name: 'long', version: '1.0', files: { 'long.py': 'x = 1\n'.repeat(50_000) } });
const files = [
  long,
  makeWheel({ name: 'plain', version: '1.0' }),
  makeWheel({ name: 'plain', version: '2.0' }),
  makeWheel({ name: 'wants-one', version: '1.0', requires: ['plain==1.0'] }),
  makeWheel({ name: 'wants-two', version: '1.0', requires: ['plain==2.0'] }),
  makeWheel({ name: 'wants-nothing-there', version: '1.0', requires: ['nowhere-at-all>=1'] }),
  makeWheel({ name: 'for-later', version: '1.0', requiresPython: '>=3.99' }),
  makeWheel({ name: 'for-windows', version: '1.0', tag: 'py3-none-win_amd64' }),
  makeWheel({ name: 'for-older', version: '1.0', tag: 'cp38-cp38-manylinux2014_x86_64' }),
  makeSourceDistribution({ name: 'source-only', version: '1.0', setup: '', files: backend('pass') }),
  makeSourceDistribution({
    name: 'does-not-build',
    version: '1.0',
    setup: '',
    files: backend('raise RuntimeError("no compiler here; No space left on device (os error 28)")'),
  }),
  makeWheel({ name: 'wheel-for-others', version: '1.0', tag: 'py3-none-win_amd64' }),
  makeSourceDistribution({ name: 'wheel-for-others', version: '1.0', setup: '', files: backend('pass') }),
];

type Misbehave = NonNullable<PackageIndexOptions['misbehave']>;
const answer =
  (where: string, respond: (response: ServerResponse, request: IncomingMessage) => void): Misbehave =>
  (path, response, request) => {
    if (!path.startsWith(where)) return false;
    respond(response, request);
    return true;
  };
const status = (where: string, code: number) => answer(where, (response) => response.writeHead(code).end('no'));
/** Sends a half of a file to those who get it again: they have read what it requires by then. */
const cut = (cutOff: (response: ServerResponse) => void): Misbehave => {
  let gets = 0;
  return (path, response, request) => {
    if (!path.startsWith('/files') || request.method === 'HEAD' || gets++ === 0) return false;
    response.writeHead(200, { 'content-length': long.bytes.length });
    response.write(long.bytes.subarray(0, long.bytes.length / 2), () => cutOff(response));
    return true;
  };
};
const webPage = (where: string, type = 'text/html') =>
  answer(where, (response) => response.writeHead(200, { 'content-type': type }).end('<html>please log in</html>'));

interface Case {
  readonly title: string;
  readonly input: string;
  readonly server?: PackageIndexOptions;
  readonly index?: Partial<PackageIndex>;
  readonly reason: Reason;
  readonly says: RegExp;
}

const cases: Case[] = [
  {
    title: 'a name that no index has, and which were asked',
    input: 'nowhere-at-all',
    reason: 'PACKAGE_NOT_FOUND',
    says: /^no such package: "nowhere-at-all"; asked: http:\/\/127\.0\.0\.1:\d+\/simple; check its name.*: Because nowhere-at-all was not found/,
  },
  {
    title: 'a requirement of a package that no index has',
    input: 'wants-nothing-there',
    reason: 'PACKAGE_NOT_FOUND',
    says: /^no such package: "nowhere-at-all".*wants-nothing-there depend on nowhere-at-all>=1/,
  },
  {
    title: 'nothing that is old enough',
    input: 'plain',
    index: { excludeNewer: new Date('2020-01-01T00:00:00Z') },
    reason: 'PACKAGE_NOT_FOUND',
    says: /^no such package: "plain".*later index.exclude_newer/,
  },
  {
    title: 'a web page in the place of the index',
    input: 'plain',
    server: { misbehave: webPage('/simple') },
    reason: 'PACKAGE_NOT_FOUND',
    says: /^no such package: "plain".*check its name and the URL of the index/,
  },
  {
    title: 'requirements that contradict each other, with the whole derivation',
    input: 'wants-one\nwants-two',
    reason: 'RESOLUTION_FAILED',
    says: /^requirements cannot be met together; .*wants-two depend on plain==2\.0.* And because you require wants-one and wants-two, we can conclude that your requirements are unsatisfiable\.$/,
  },
  {
    title: 'a version that there is not',
    input: 'plain>=9',
    reason: 'RESOLUTION_FAILED',
    says: /only plain<=2\.0 is available and you require plain>=9/,
  },
  {
    title: 'another Python',
    input: 'for-later',
    reason: 'PYTHON_INCOMPATIBLE',
    says: /^needs another Python than 3\.\d+\.\d+: "for-later"; ask for another version of it, or make the environment from another Python: .*depends on Python>=3\.99/,
  },
  {
    title: 'wheels for another machine only',
    input: 'for-windows',
    reason: 'NO_MATCHING_WHEEL',
    says: /^no wheel for Python 3\.\d+\.\d+ on this machine: "for-windows".*Hint: Wheels are available .*win_amd64/,
  },
  {
    title: 'wheels for another version of Python only',
    input: 'for-older',
    reason: 'NO_MATCHING_WHEEL',
    says: /^no wheel for Python .*"for-older".*cp38/,
  },
  {
    title: 'a source distribution where nothing may be built',
    input: 'source-only',
    reason: 'BUILD_FORBIDDEN',
    says: /^would have to be built, which runs its code: "source-only".*index\.allow_build/,
  },
  {
    title: 'a source distribution beside wheels for another machine',
    input: 'wheel-for-others',
    reason: 'BUILD_FORBIDDEN',
    says: /^would have to be built, which runs its code: "wheel-for-others"/,
  },
  {
    title: 'a build that fails, with what it wrote, which is no evidence of anything else',
    input: 'does-not-build',
    index: { allowBuild: true },
    reason: 'BUILD_FAILED',
    says: /^could not be built: "does-not-build==1\.0"; .*RuntimeError: no compiler here/s,
  },
  {
    title: 'nothing in the cache while offline',
    input: 'plain',
    index: { offline: true },
    reason: 'OFFLINE_MISS',
    says: /^not in the package cache: "plain"; ask again without offline$/,
  },
  {
    title: 'an index that wants credentials',
    input: 'plain',
    server: { credentials: { user: 'anna', password: 'right-one' } },
    reason: 'INDEX_UNAUTHORIZED',
    says: /^package index wants credentials: http:\/\/127\.0\.0\.1:\d+\/simple; put them into its URL, in the request or the setting, or into \.netrc/,
  },
  {
    title: 'an index that refuses',
    input: 'plain',
    server: { misbehave: status('/simple', 403) },
    reason: 'INDEX_UNAUTHORIZED',
    says: /^package index wants credentials/,
  },
  {
    title: 'an index that is broken',
    input: 'plain',
    server: { misbehave: status('/simple', 500) },
    reason: 'INDEX_UNREACHABLE',
    says: /^package index cannot be reached: http:\/\/127\.0\.0\.1:\d+\/simple\/plain\/: HTTP status server error \(500/,
  },
  {
    title: 'an index that never answers',
    input: 'plain',
    server: { misbehave: () => true },
    index: { timeoutSeconds: 1 },
    reason: 'INDEX_UNREACHABLE',
    says: /^package index cannot be reached: .*: operation timed out; check its URL/,
  },
  {
    title: 'a certificate that nobody trusts',
    input: 'plain',
    server: { tls: true },
    reason: 'CERTIFICATE_NOT_TRUSTED',
    says: /^certificate is not trusted here: https:\/\/127\.0\.0\.1:\d+\/simple\/plain\/: .*SSL_CERT_FILE/,
  },
  {
    title: 'rubbish in the place of the list of files',
    input: 'plain',
    server: { misbehave: webPage('/simple', 'application/vnd.pypi.simple.v1+json') },
    reason: 'DOWNLOAD_INVALID',
    says: /^package index answered with something else than a list of files: http/,
  },
  {
    title: 'a list of files of an unknown kind',
    input: 'plain',
    server: { misbehave: webPage('/simple', 'application/x-rubbish') },
    reason: 'DOWNLOAD_INVALID',
    says: /^package index answered with something else than a list of files: http/,
  },
  {
    title: 'a web page in the place of a wheel',
    input: 'plain',
    server: { misbehave: webPage('/files') },
    reason: 'DOWNLOAD_INVALID',
    says: /^what was downloaded is no package: "plain": .*a web page or a part of a file/,
  },
  {
    title: 'a wheel that is cut short',
    input: 'long',
    server: {
      misbehave: (path, response, request) => {
        if (!path.startsWith('/files') || request.method === 'HEAD') return false;
        response.writeHead(200).end(long.bytes.subarray(0, 100_000));
        return true;
      },
    },
    reason: 'DOWNLOAD_INVALID',
    says: /^what was downloaded is no package: "long"/,
  },
  {
    title: 'a wheel whose connection is closed half-way',
    input: 'long',
    server: { misbehave: cut((response) => response.destroy()) },
    reason: 'DOWNLOAD_INVALID',
    says: /^what was downloaded is no package: "long==1\.0": end of file before message length reached; .*a part of a file came in its place: call again/,
  },
  {
    title: 'a wheel whose connection is reset half-way',
    input: 'long',
    server: { misbehave: cut((response) => response.socket?.resetAndDestroy()) },
    reason: 'DOWNLOAD_INVALID',
    says: /^what was downloaded is no package: "long==1\.0": .*; .*a part of a file came in its place: call again/,
  },
  {
    title: 'a list of files whose connection is closed half-way',
    input: 'long',
    server: {
      misbehave: answer('/simple', (response) => {
        response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json', 'content-length': 1000 });
        response.write('{"meta":', () => response.destroy());
      }),
    },
    reason: 'INDEX_UNREACHABLE',
    says: /^package index cannot be reached: http:\/\/127\.0\.0\.1:\d+\/simple\/long\/: end of file before/,
  },
  {
    title: 'a file that is listed and not there',
    input: 'plain',
    server: { misbehave: status('/files', 404) },
    reason: 'DOWNLOAD_INVALID',
    says: /^what was downloaded is no package: .*404 Not Found/,
  },
  {
    title: 'files that lie where nothing can be reached',
    input: 'plain',
    server: {
      misbehave: answer('/files', (response) =>
        response.writeHead(302, { location: 'http://127.0.0.1:9/plain-2.0-py3-none-any.whl' }).end(),
      ),
    },
    reason: 'DOWNLOAD_BLOCKED',
    says: /^could not download a package; set a mirror or a proxy, and call again\n {2}http:\/\/127\.0\.0\.1:\d+\/files\/plain-2\.0-py3-none-any\.whl: Connection refused/,
  },
  {
    title: 'a digest that is not the one announced',
    input: 'plain',
    server: { announce: () => '1'.repeat(64) },
    reason: 'CHECKSUM_MISMATCH',
    says: /^not what was announced: "plain==2\.0": expected sha256:1{64}, computed sha256:[0-9a-f]{64}; nothing was installed/,
  },
  {
    title: 'a requirement without a version where hashes are required',
    input: 'plain',
    index: { requireHashes: true },
    reason: 'PACKAGE_SPEC_INVALID',
    says: /^not a package requirement: "plain": where hashes are required its version is pinned with "=="$/,
  },
  {
    title: 'a requirement without a hash where hashes are required',
    input: 'plain==1.0',
    index: { requireHashes: true },
    reason: 'PACKAGE_SPEC_INVALID',
    says: /^not a package requirement: "plain==1\.0": where hashes are required it needs one/,
  },
];

describe('an error says', () => {
  test.each(cases)('$title: $reason', async ({ input, server, index = {}, reason, says }) => {
    await using own = await startPackageIndex({ files, ...server });
    const inForce = onlyIndex(own.url, index);
    // A cache of its own: what another case left there would answer for the index.
    const packageCache = join(place.path, 'caches', own.url.replace(/\D+/g, '-'));
    const args = ['pip', 'install', '--python', place.venv, '-r', '-'];
    const result = await runUv({ ...place.places, packageCache }, args, {
      timeoutMs: 30_000,
      input: `${input}\n`,
      index: inForce,
      variables: { UV_HTTP_RETRIES: '0' },
    });
    const error = uvFailure(result, { python: place.python, index: inForce });
    expect({ reason: error.reason, message: error.message }).toEqual({ reason, message: expect.stringMatching(says) });
    expect(error.message).not.toContain(place.path);
  });
});

test('an index that nobody listens for cannot be reached', async () => {
  const index = onlyIndex('http://127.0.0.1:9/simple');
  const error = uvFailure(await place.install('plain\n', index), { index });
  expect(error).toMatchObject({ reason: 'INDEX_UNREACHABLE', message: expect.stringContaining('Connection refused') });
});

test('a name that no name server knows cannot be reached', async () => {
  const index = onlyIndex('http://no-such-host.invalid/simple');
  const error = uvFailure(await place.install('plain\n', index), { index });
  expect(error).toMatchObject({
    reason: 'INDEX_UNREACHABLE',
    message: expect.stringContaining('no-such-host.invalid'),
  });
});

test('a folder of packages that is not there is told without its path', async () => {
  const index = onlyIndex('http://127.0.0.1:9/simple', { findLinks: [join(place.path, 'no-wheels')] });
  const error = uvFailure(await place.install('plain\n', index), { index });
  expect(error).toMatchObject({ reason: 'INDEX_UNREACHABLE', message: expect.stringContaining('--find-packages') });
  expect(error.message).not.toContain(place.path);
});

test('a folder of packages is enough, without any index', async () => {
  const folder = join(place.path, 'wheels');
  mkdirSync(folder);
  for (const file of files.filter(({ name }) => name === 'plain'))
    writeFileSync(join(folder, file.fileName), file.bytes);
  const index = onlyIndex('', { noIndex: true, findLinks: [folder] });
  const result = await place.install('plain==1.0\n', index);
  expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('+ plain==1.0') });
  const error = uvFailure(await place.install('long\n', index), { index });
  expect(error).toMatchObject({
    reason: 'PACKAGE_NOT_FOUND',
    message: expect.stringContaining('asked: a folder of packages;'),
  });
});

test("a folder that pip's configuration names and that is not there is passed over, as pip does", async () => {
  const env = { ...process.env, PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: `/nowhere/at/all ${place.path}` };
  const configuration = await createPipConfiguration(join(sharedAdminFolder(), 'bin', 'python'), env)();
  expect(configuration.findLinks).toEqual([place.path]);
});

test('an interpreter without pip has no configuration of it', async () => {
  // One of its own, made without pip.
  const python = join(place.venv, 'bin', 'python');
  expect(await createPipConfiguration(python)()).toMatchObject({ defaultIndex: '', findLinks: [] });
});

test('a configuration of pip that cannot be read is not taken for none', async () => {
  const file = join(place.path, 'pip.conf');
  writeFileSync(file, 'index-url = https://anna:s3cret-one@x.example\n');
  const python = join(sharedAdminFolder(), 'bin', 'python');
  const ask = createPipConfiguration(python, { ...process.env, PIP_CONFIG_FILE: file, PIP_INDEX_URL: undefined });
  const error = await ask().catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: 'START_FAILED', message: expect.stringContaining('--package-index') });
  expect(error.message).not.toMatch(/s3cret|anna/);
  expect(error.message).not.toContain(place.path);
  writeFileSync(file, '[global]\nindex-url = https://x.example\n');
  expect(await ask()).toMatchObject({ defaultIndex: expect.stringContaining('x.example') });
});

test('wrong credentials show nowhere', async () => {
  await using own = await startPackageIndex({ files, credentials: { user: 'anna', password: 'right-one' } });
  const index = onlyIndex(own.url.replace('//', '//anna:wr0ng%21one@'));
  const result = await place.install('long\n', index);
  const error = uvFailure(result, { index });
  expect(error.reason).toBe('INDEX_UNAUTHORIZED');
  expect(error.message).toMatch(/^package index refuses the credentials in its URL: http.*; mend them there$/);
  expect(`${error.message}${JSON.stringify(error.metadata)}${result.stderr}`).not.toMatch(/wr0ng|anna/);
});

test('the setup.py of a source distribution runs only where builds are allowed', async () => {
  const marker = join(place.path, 'ran');
  const setup = `open(${JSON.stringify(marker)}, "w").close()\nraise SystemExit("planted")\n`;
  const planted = makeSourceDistribution({ name: 'planted', version: '1.0', setup });
  await using own = await startPackageIndex({ files: [planted] });
  const index = onlyIndex(own.url);
  expect(uvFailure(await place.install('planted\n', index)).reason).toBe('BUILD_FORBIDDEN');
  expect(existsSync(marker)).toBe(false);
});

describe('of a lock that cannot be used here:', () => {
  const hash = '0a'.repeat(32);
  const wheel = (name: string) => `wheels = [{ url = "http://127.0.0.1:9/${name}", hashes = { sha256 = "${hash}" } }]`;

  test.each([
    [
      'PYTHON_INCOMPATIBLE',
      'requires-python = ">=3.99"',
      wheel('a-1.0-py3-none-any.whl'),
      /^the lock needs another Python: >=3\.99;/,
    ],
    [
      'PYTHON_INCOMPATIBLE',
      '',
      `requires-python = ">=3.99"\n${wheel('a-1.0-py3-none-any.whl')}`,
      /"a" requires >=3\.99/,
    ],
    [
      'NO_MATCHING_WHEEL',
      '',
      wheel('a-1.0-cp38-cp38-win_amd64.whl'),
      /^the lock has no wheel for this Python and machine: "a"/,
    ],
    [
      'NO_MATCHING_WHEEL',
      '',
      `sdist = { url = "http://127.0.0.1:9/a-1.0.tar.gz", hashes = { sha256 = "${hash}" } }`,
      /index\.allow_build/,
    ],
    ['PACKAGE_SPEC_INVALID', '', '', /must include one of: `wheels`/],
    ['PACKAGE_SPEC_INVALID', '', wheel('a.txt'), /Must end with \.whl/],
    ['PACKAGE_SPEC_INVALID', '', wheel('b-1.0-py3-none-any.whl'), /does not match package name/],
    [
      'PACKAGE_SPEC_INVALID',
      '',
      `marker = "foo bar"\n${wheel('a-1.0-py3-none-any.whl')}`,
      /pylock\.toml": Expected a quoted string/,
    ],
    [
      'DOWNLOAD_BLOCKED',
      '',
      wheel('a-1.0-py3-none-any.whl'),
      /127\.0\.0\.1:9\/a-1\.0-py3-none-any\.whl: Connection refused/,
    ],
  ])('%s for %j %j', async (reason, head, source, says) => {
    const folder = mkdtempSync(join(place.path, 'lock-'));
    const path = join(folder, 'pylock.toml');
    writeFileSync(
      path,
      `lock-version = "1.0"\ncreated-by = "t"\n${head}\n[[packages]]\nname = "a"\nversion = "1.0"\n${source}\n`,
    );
    const result = await runUv(place.places, ['pip', 'install', '--python', place.venv, '-r', path], {
      timeoutMs: 30_000,
      index: onlyIndex('http://127.0.0.1:9/simple'),
      variables: { UV_HTTP_RETRIES: '0' },
    });
    const error = uvFailure(result, { python: place.python });
    expect({ reason: error.reason, message: error.message }).toEqual({ reason, message: expect.stringMatching(says) });
    expect(error.message).not.toContain(place.path);
  });
});

describe('of interpreters:', () => {
  const make = async (python: string, folder: string) =>
    runUv(place.places, ['venv', '--no-project', '--python', python, join(place.path, folder)], { timeoutMs: 30_000 });

  test('one that is not there', async () => {
    const error = uvFailure(await make('3.99', 'never'), { runtime: '3.99' });
    expect(error).toMatchObject({ reason: 'RUNTIME_NOT_FOUND', message: expect.stringContaining('"3.99"') });
  });

  test('one that is none', async () => {
    const error = uvFailure(await make('/bin/true', 'never'), { runtime: '/bin/true' });
    expect(error.reason).toBe('RUNTIME_BROKEN');
  });

  test('an environment that is not there', async () => {
    const args = ['pip', 'check', '--python', join(place.path, 'not-there')];
    const error = uvFailure(await runUv(place.places, args, { timeoutMs: 30_000 }), { venv: 'lost' });
    expect(error).toMatchObject({ reason: 'VENV_BROKEN', metadata: { venv: 'lost' } });
    expect(error.message).not.toContain(place.path);
  });
});

describe.skipIf(!canMount)('a disk without space (needs the right to mount a tmpfs):', () => {
  const big = makeWheel({ name: 'big', version: '1.0', files: { 'big.py': '#'.repeat(2_000_000) } });

  async function onSmallDisk(use: (folder: string) => Promise<BeepError>): Promise<BeepError> {
    const folder = join(place.path, 'small');
    mkdirSync(folder, { recursive: true });
    using _disk = mountSmallDisk(folder, '512k');
    return await use(folder);
  }

  test('for the package cache', async () => {
    await using own = await startPackageIndex({ files: [big] });
    const error = await onSmallDisk(async (folder) => {
      const places = { ...place.places, packageCache: join(folder, 'cache') };
      const args = ['pip', 'install', '--python', place.venv, '-r', '-'];
      const index = onlyIndex(own.url);
      return uvFailure(await runUv(places, args, { timeoutMs: 30_000, input: 'big\n', index }), { index });
    });
    expect(error).toMatchObject({ reason: 'DISK_FULL', message: expect.stringContaining('no space is left') });
    expect(error.message).not.toContain(place.path);
  });

  test('for the environment', async () => {
    await using own = await startPackageIndex({ files: [big] });
    const error = await onSmallDisk(async (folder) => {
      const venv = join(folder, 'venv');
      await runUv(place.places, ['venv', '--no-project', '--python', place.venv, venv], { timeoutMs: 30_000 });
      const args = ['pip', 'install', '--python', venv, '-r', '-'];
      const index = onlyIndex(own.url);
      return uvFailure(await runUv(place.places, args, { timeoutMs: 30_000, input: 'big\n', index }), { index });
    });
    expect(error.reason).toBe('DISK_FULL');
  });
});
