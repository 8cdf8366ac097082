/** Runtimes as a caller has them: over a gateway of their own, with a mirror on the loopback. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HostService, type Progress, type PythonRuntime } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { ErrorInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { createSharedHome, startGateway, type TestGateway } from '../support/gateway.ts';
import { processesBelow } from '../support/processes.ts';
import { type PythonMirror, startPythonMirror } from '../support/python-mirror.ts';
import { canMount, mountSmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { connectTo, createVenvClient, told } from '../support/venv-client.ts';
import { createTestFolder, createTestHome } from './setup/test-home.ts';

/** How long a test that starts gateways of its own may take on a busy machine. */
const twoGatewaysMs = 120_000;

let mirror: PythonMirror;
let gateway: TestGateway;
let host: Client<typeof HostService>;
let home: Awaited<ReturnType<typeof createTestHome>>;

beforeAll(async () => {
  mirror = await startPythonMirror();
  home = await createTestHome();
  gateway = await startGateway({ home: home.home, flags: ['--python-downloads', mirror.list] });
  host = clientOf(gateway);
});

afterEach(async () => {
  // A damaged one may be told as several, which go together.
  for (let found = await managed(); found.length > 0; found = await managed()) {
    await host.uninstallRuntime({ runtimeId: found[0]?.id ?? '' });
  }
  mirror.set([{}]);
});

afterAll(async () => {
  await gateway?.stop();
  await home?.[Symbol.asyncDispose]();
  await mirror?.[Symbol.asyncDispose]();
});

function clientOf(of: TestGateway) {
  return createClient(HostService, connectTo(of));
}

async function managed(): Promise<PythonRuntime[]> {
  return (await host.listRuntimes({})).runtimes.filter((runtime) => runtime.managed);
}

/** Installs; answers with the runtime, and how far it was on the way. */
async function install(
  version: string,
  options: { setDefault?: boolean; signal?: AbortSignal; of?: typeof host } = {},
) {
  const progress: Progress[] = [];
  const { setDefault = false, signal, of = host } = options;
  for await (const { update } of of.installRuntime({ version, setDefault }, { signal })) {
    if (update.case === 'progress') progress.push(update.value);
    if (update.case === 'runtime') return { runtime: update.value, progress };
  }
  throw new Error('the stream ended without a runtime');
}

/** The reason and the text of what a call fails with. */
async function failure(call: Promise<unknown>): Promise<{ reason: string; message: string; code: Code }> {
  const error = await call.then(
    () => {
      throw new Error('it did not fail');
    },
    (thrown) => ConnectError.from(thrown),
  );
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info === undefined) throw error;
  return { reason: info.reason, message: error.rawMessage, code: error.code };
}

/** What lies in the folder of our runtimes, but for what uv always keeps there. */
function leftInHome(): string[] {
  const folder = join(gateway.home, 'runtimes');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const temporary = existsSync(join(folder, '.temp')) ? readdirSync(join(folder, '.temp')) : [];
  const downloads = join(gateway.home, 'run', 'downloads');
  return [
    ...names.filter((name) => !['.lock', '.gitignore', '.temp'].includes(name)),
    ...temporary,
    ...(existsSync(downloads) ? readdirSync(downloads) : []),
  ];
}

describe('the runtimes of a machine', () => {
  test('are listed with where they are, what they are, and which one is the default', async () => {
    const { runtimes } = await host.listRuntimes({});
    const admin = realpathSync(join(gateway.home, 'admin', 'bin', 'python'));
    const used = runtimes.find(({ path }) => path === admin);
    expect(used).toMatchObject({ implementation: 'cpython', usable: true, unusableReason: '', managed: false });
    expect(used?.venvs).toContain('admin');
    expect(used?.abi).toMatch(/^cpython-3\d+$/);
    expect(runtimes.filter((runtime) => runtime.default)).toHaveLength(1);
    expect(runtimes.every(({ usable, unusableReason }) => usable === (unusableReason === ''))).toBe(true);
    expect(new Set(runtimes.map(({ id }) => id)).size).toBe(runtimes.length);
    const { defaultRuntimeId } = await host.getHost({});
    expect(runtimes.find((runtime) => runtime.default)?.id).toBe(defaultRuntimeId);
    expect((await host.getRuntime({})).runtime?.id).toBe(defaultRuntimeId);
  });

  test('are listed quickly the second time', async () => {
    await host.listRuntimes({});
    const took: number[] = [];
    for (let index = 0; index < 5; index++) {
      const startedAt = performance.now();
      await host.listRuntimes({});
      took.push(performance.now() - startedAt);
    }
    expect(Math.min(...took)).toBeLessThan(200);
  });

  test('are filtered by a version request, and told with those that could be installed', async () => {
    const { runtimes } = await host.listRuntimes({ version: `==${mirror.version}`, includeAvailable: true });
    expect(runtimes.map(({ version }) => version)).toEqual(runtimes.map(() => mirror.version));
    const available = runtimes.filter(({ path }) => path === '');
    expect(available).toMatchObject([{ id: mirror.key, managed: true, usable: false, version: mirror.version }]);
    expect((await failure(host.listRuntimes({ version: 'newest' }))).reason).toBe('INVALID_ARGUMENT');
  });

  test('are found by version, id and path, and verified', async () => {
    const admin = realpathSync(join(gateway.home, 'admin', 'bin', 'python'));
    const { runtime, problems } = await host.getRuntime({ runtime: admin, verify: true });
    expect(runtime).toMatchObject({ path: admin, usable: true });
    expect(problems).toEqual([]);
    const { id = '', version = '' } = runtime ?? {};
    expect((await host.getRuntime({ runtime: id })).runtime?.path).toBe(admin);
    expect((await host.getRuntime({ runtime: version })).runtime?.version).toBe(version);
    expect((await failure(host.getRuntime({ runtime: '3.99' }))).reason).toBe('RUNTIME_NOT_FOUND');
    expect((await failure(host.getRuntime({ runtime: '/nowhere/python' }))).reason).toBe('RUNTIME_NOT_FOUND');
    expect((await failure(host.getRuntime({ runtime: '../python' }))).reason).toBe('INVALID_ARGUMENT');
  });

  test('that do not work say why when they are looked at', async () => {
    await using folder = await createTestFolder();
    const path = join(realpathSync(folder.path), 'python3');
    writeFileSync(path, '#!/bin/sh\necho "no libpython" >&2\nexit 1\n', { mode: 0o755 });
    const { runtime, problems } = await host.getRuntime({ runtime: path, verify: true });
    expect(runtime).toMatchObject({ path, usable: false, unusableReason: 'it ended with 1: no libpython' });
    expect(problems).toEqual(['it ended with 1: no libpython']);
    expect(await failure(host.setDefaultRuntime({ runtime: path }))).toMatchObject({ reason: 'RUNTIME_BROKEN' });
  });
});

describe('installing', () => {
  test('tells how far it is in bytes, and ends with a runtime that works', async () => {
    const { runtime, progress } = await install(mirror.version);
    expect(runtime).toMatchObject({
      id: mirror.key,
      version: mirror.version,
      source: 'managed',
      managed: true,
      usable: true,
    });
    const folder = realpathSync(join(gateway.home, 'runtimes'));
    expect(runtime.path.startsWith(join(folder, mirror.key, 'bin'))).toBe(true);
    execFileSync(runtime.path, ['-c', 'import ssl, venv']);
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(['resolve', 'download', 'install', 'verify']);
    const downloads = progress.filter(({ phase }) => phase === 'download');
    expect(downloads.at(-1)).toMatchObject({ item: mirror.key, unit: 'bytes' });
    const { done, total } = downloads.at(-1) as Progress;
    const { size } = statSync(mirror.archive);
    expect(done).toBe(total);
    expect(Math.abs(Number(total) - size) / size).toBeLessThan(0.05); // uv tells it rounded
    expect(leftInHome()).toEqual([mirror.key]);
  });

  test('of what is there already downloads nothing', async () => {
    await install(mirror.version);
    const { asked } = mirror;
    const [major, minor] = mirror.version.split('.');
    for (const version of [mirror.version, `${major}.${minor}`, ` ${mirror.version} `, mirror.key]) {
      expect((await install(version)).runtime.id).toBe(mirror.key);
    }
    expect(mirror.asked).toBe(asked);
  });

  test('by many at once is one download', async () => {
    const { asked } = mirror;
    const versions = [...Array(5).fill(mirror.version), mirror.key, `==${mirror.version}`];
    const all = await Promise.all(versions.map((version) => install(version)));
    expect(new Set(all.map(({ runtime }) => runtime.id))).toEqual(new Set([mirror.key]));
    expect(mirror.asked).toBe(asked + 1);
    expect(
      all.flatMap(({ progress }) => progress).some(({ phase, message }) => phase === 'wait' && message !== ''),
    ).toBe(true);
  });

  test('that is cancelled leaves nothing, no process either, and can be done again', async () => {
    let begun = () => {};
    const isUnderWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    mirror.set([{}], (response, archive) => {
      response.writeHead(200, { 'content-length': archive.length }).write(archive.subarray(0, archive.length / 2));
      begun();
    });
    const controller = new AbortController();
    const ending = install(mirror.version, { signal: controller.signal });
    await isUnderWay;
    await until('uv runs', () =>
      processesBelow(gateway.pid).some(({ commandLine }) => /\buv python install/.test(commandLine)),
    );
    controller.abort();
    await expect(ending).rejects.toMatchObject({ code: Code.Canceled });
    await until(
      'uv has ended',
      () => !processesBelow(gateway.pid).some(({ commandLine }) => /\buv /.test(commandLine)),
    );
    await until('nothing is left', () => leftInHome().length === 0);
    mirror.set([{}]);
    expect((await install(mirror.version)).runtime.usable).toBe(true);
  });

  test('goes on while one of those who wait for it is left', async () => {
    let release = () => {};
    let begun = () => {};
    const isUnderWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    mirror.set([{}], (response, archive) => {
      response.writeHead(200, { 'content-length': archive.length }).write(archive.subarray(0, 1000));
      release = () => response.end(archive.subarray(1000));
      begun();
    });
    const controller = new AbortController();
    const leaving = install(mirror.version, { signal: controller.signal });
    const staying = install(mirror.version);
    await isUnderWay;
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: Code.Canceled });
    release();
    expect((await staying).runtime.id).toBe(mirror.key);
  });

  test('one that was damaged makes it anew', async () => {
    const { runtime } = await install(mirror.version);
    writeFileSync(runtime.path, '#!/bin/sh\nexit 1\n');
    const broken = (await managed())[0];
    expect(broken).toMatchObject({ usable: false, unusableReason: 'it ended with 1' });
    expect((await install(mirror.version)).runtime).toMatchObject({ id: mirror.key, usable: true });
  });

  test(
    'through a mirror takes the archive from there',
    async () => {
      const official = 'https://github.com/astral-sh/python-build-standalone/releases/download';
      mirror.set([{ url: `${official}/20260101/cpython.tar.gz` }]);
      await using own = await createSharedHome();
      await using other = await startGateway({
        home: own.home,
        flags: ['--python-downloads', `${mirror.url}/downloads.json`, '--python-mirror', mirror.url],
      });
      expect((await install(mirror.version, { of: clientOf(other) })).runtime.id).toBe(mirror.key);
    },
    twoGatewaysMs,
  );
});

describe('what cannot be installed', () => {
  const shortened = (archive: Buffer) => archive.subarray(0, archive.length / 2);

  test('is refused when the checksum is another one', async () => {
    mirror.set([{ sha256: '0'.repeat(64) }]);
    const { reason, message, code } = await failure(install(mirror.version));
    expect([reason, code]).toEqual(['CHECKSUM_MISMATCH', Code.DataLoss]);
    expect(message).toContain(mirror.sha256);
    expect(message).toContain('nothing was installed');
    expect(leftInHome()).toEqual([]);
  });

  test('is refused when the list has no checksum', async () => {
    const { asked } = mirror;
    mirror.set([{ sha256: null }]);
    expect(await failure(install(mirror.version))).toMatchObject({
      reason: 'DOWNLOAD_INVALID',
      message: expect.stringContaining(`no checksum for ${mirror.key}`),
    });
    expect(mirror.asked).toBe(asked);
  });

  test.each<[string, string, Parameters<PythonMirror['set']>[1], string]>([
    ['is a web page', 'DOWNLOAD_INVALID', (response) => response.end('<html>Please log in</html>'), 'is no archive'],
    ['was cut', 'DOWNLOAD_INVALID', (response, archive) => response.end(shortened(archive)), 'was cut'],
    ['wants credentials', 'DOWNLOAD_BLOCKED', (response) => response.writeHead(401).end(), 'put them into its URL'],
    ['is not there', 'DOWNLOAD_BLOCKED', (response) => response.writeHead(404).end(), '404'],
    ['is forbidden', 'DOWNLOAD_BLOCKED', (response) => response.writeHead(403).end(), '403'],
    ['fails', 'DOWNLOAD_BLOCKED', (response) => response.writeHead(500).end(), '500'],
  ])('is told when the download %s', async (_what, reason, answer, text) => {
    mirror.set([{}], answer);
    const failed = await failure(install(mirror.version));
    expect(failed).toMatchObject({ reason, message: expect.stringContaining(text) });
    expect(failed.message).toContain(mirror.key);
    const lines = failed.message.split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    expect(leftInHome()).toEqual([]);
  });

  test('is told with a line for the source that cannot be reached, without its password', async () => {
    mirror.set([{ url: 'http://user:geheimnis@127.0.0.1:9/python.tar.gz' }]);
    const { reason, message } = await failure(install(mirror.version));
    expect(reason).toBe('DOWNLOAD_BLOCKED');
    expect(message.split('\n')[1]).toMatch(/^http:\/\/.*127\.0\.0\.1:9\/python\.tar\.gz: /);
    expect(message).not.toContain('geheimnis');
    expect(gateway.log()).not.toContain('geheimnis');
  });

  test.each([
    ['3.99', 'RUNTIME_NOT_FOUND'],
    ['newest', 'INVALID_ARGUMENT'],
    ['--help', 'INVALID_ARGUMENT'],
    ['/usr/bin/python3', 'INVALID_ARGUMENT'],
    ['', 'INVALID_ARGUMENT'],
    ['3.12; touch /tmp/x', 'INVALID_ARGUMENT'],
    ['1'.repeat(257), 'INVALID_ARGUMENT'],
  ])('%j is refused: %s', async (version, reason) => {
    expect((await failure(install(version))).reason).toBe(reason);
  });

  test('says which versions there are', async () => {
    expect((await failure(install('3.99'))).message).toContain(mirror.version);
  });

  test.each([
    ['is a web page', '<html></html>', 'DOWNLOAD_INVALID', 'a web page'],
    ['is no list', '[]', 'DOWNLOAD_INVALID', 'not JSON of uv'],
    ['is cut', '{"a": {"name"', 'DOWNLOAD_INVALID', 'not JSON of uv'],
    ['is of another form', '{"a": 3}', 'DOWNLOAD_INVALID', 'could not be read'],
  ])('is told when the list %s', async (_what, text, reason, message) => {
    writeFileSync(mirror.list, text);
    expect(await failure(install(mirror.version))).toMatchObject({ reason, message: expect.stringContaining(message) });
    expect(leftInHome()).toEqual([]);
  });

  test('is told when the list is gone', async () => {
    rmSync(mirror.list);
    expect((await failure(install(mirror.version))).reason).toBe('DOWNLOAD_BLOCKED');
  });

  test(
    'is not downloaded when the gateway is to stay offline, unless it is a file',
    async () => {
      await using own = await createSharedHome();
      await using offline = await startGateway({
        home: own.home,
        flags: ['--python-downloads', mirror.list, '--offline'],
      });
      const { asked } = mirror;
      expect((await failure(install(mirror.version, { of: clientOf(offline) }))).reason).toBe('OFFLINE_MISS');
      expect(mirror.asked).toBe(asked);
      mirror.set([{ url: `file://${mirror.archive}` }]);
      expect((await install(mirror.version, { of: clientOf(offline) })).runtime.usable).toBe(true);
    },
    twoGatewaysMs,
  );

  test.each([
    ['does not start', ['bin', 'lib/python'], 'bad libc'],
    ['is not whole', ['bin'], 'could not be installed'],
  ])('is removed again when it %s', async (_what, folders, text) => {
    await using folder = await createTestFolder();
    const name = `python${mirror.version.split('.').slice(0, 2).join('.')}`;
    for (const one of folders) {
      mkdirSync(join(folder.path, 'python', one.replace('python', name)), { recursive: true });
    }
    // uv wants it to be there, and puts the right paths into it.
    if (folders.length > 1) {
      const facts = '# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n';
      writeFileSync(join(folder.path, 'python', 'lib', name, '_sysconfigdata__linux_.py'), facts);
    }
    const script = '#!/bin/sh\necho "bad libc" >&2\nexit 1\n';
    writeFileSync(join(folder.path, 'python', 'bin', name), script, { mode: 0o755 });
    for (const link of ['python', 'python3']) symlinkSync(name, join(folder.path, 'python', 'bin', link));
    const path = join(folder.path, 'bad.tar.gz');
    execFileSync('tar', ['-C', folder.path, '-czf', path, 'python']);
    const archive = readFileSync(path);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    mirror.set([{ sha256 }], (response) => response.end(archive));
    const { reason, message } = await failure(install(mirror.version));
    expect([reason, message]).toEqual(['RUNTIME_BROKEN', expect.stringContaining(text)]);
    expect(leftInHome()).toEqual([]);
  });
});

describe('the default', () => {
  test('is kept, in force for those who name none, and gone with its runtime', async () => {
    const before = (await host.getRuntime({})).runtime?.id;
    const { runtime } = await install(mirror.version, { setDefault: true });
    expect((await host.getHost({})).defaultRuntimeId).toBe(runtime.id);
    expect((await host.getRuntime({})).runtime?.id).toBe(runtime.id);
    expect((await host.listRuntimes({})).runtimes.filter((one) => one.default).map(({ id }) => id)).toEqual([
      runtime.id,
    ]);
    expect(JSON.parse(readFileSync(join(gateway.home, 'default-runtime.json'), 'utf8'))).toEqual({
      format: 1,
      id: runtime.id,
      path: runtime.path,
    });
    await host.uninstallRuntime({ runtimeId: runtime.id });
    expect((await host.getHost({})).defaultRuntimeId).toBe(before);
  });

  test('is chosen by version, id or path', async () => {
    const admin = realpathSync(join(gateway.home, 'admin', 'bin', 'python'));
    const chosen = (await host.setDefaultRuntime({ runtime: admin })).runtime;
    expect(chosen).toMatchObject({ path: admin, default: true });
    expect((await host.setDefaultRuntime({ runtime: chosen?.id ?? '' })).runtime?.id).toBe(chosen?.id);
    expect((await host.setDefaultRuntime({ runtime: chosen?.version ?? '' })).runtime?.version).toBe(chosen?.version);
    expect((await failure(host.setDefaultRuntime({ runtime: '3.99' }))).reason).toBe('RUNTIME_NOT_FOUND');
    expect((await failure(host.setDefaultRuntime({ runtime: '' }))).reason).toBe('INVALID_ARGUMENT');
    rmSync(join(gateway.home, 'default-runtime.json'));
  });

  test.each([
    ['gone', JSON.stringify({ format: 1, id: 'x', path: '/nowhere/python3' }), 'is gone: x'],
    ['damaged', '{"format', 'default-runtime.json is damaged'],
    ['of another kind', '{"format": 2}', 'default-runtime.json is damaged'],
  ])('that is %s is said to be, and the newest suitable one stands in', async (_what, text, problem) => {
    const file = join(gateway.home, 'default-runtime.json');
    const before = (await host.getRuntime({})).runtime?.id ?? '';
    writeFileSync(file, text);
    const { runtime, problems } = await host.getRuntime({ verify: true });
    expect(runtime?.id).toBe(before);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    await host.setDefaultRuntime({ runtime: before });
    expect((await host.getRuntime({ verify: true })).problems).toEqual([]);
    rmSync(file);
  });
});

describe('environments', () => {
  test('are made from a runtime by its id, or from the default one, and hold it while they are there', async () => {
    const { runtime } = await install(mirror.version, { setDefault: true });
    const venvs = createVenvClient(gateway);
    const made = { named: { python: runtime.id }, unnamed: {} };
    for (const [name, spec] of Object.entries(made)) {
      const { result } = await told(venvs.createVenv({ name, spec }));
      expect(result.venv?.runtime).toMatchObject({
        path: runtime.path,
        default: true,
        venvs: expect.arrayContaining([name]),
      });
      const python = join(gateway.home, 'envs', name, 'current', 'bin', 'python');
      // Not by uv's link for the minor version, which moves to whatever is installed next.
      expect(readlinkSync(python)).toContain(`/${mirror.key}/`);
    }
    // The same as the list of runtimes tells.
    const [listed] = await managed();
    const { venvs: all } = await venvs.listVenvs({});
    for (const name of Object.keys(made)) {
      const both = [all.find((one) => one.name === name), await venvs.getVenv({ name })];
      for (const venv of both) {
        expect(venv?.runtime).toMatchObject({ id: listed?.id, default: true, venvs: ['named', 'unnamed'] });
      }
    }
    const admin = all.find(({ name }) => name === 'admin');
    expect(admin?.runtime).toMatchObject({ default: false, venvs: expect.arrayContaining(['admin']) });
    const { reason, message } = await failure(host.uninstallRuntime({ runtimeId: runtime.id }));
    expect([reason, message]).toEqual(['RUNTIME_IN_USE', expect.stringContaining('"named", "unnamed"')]);
    for (const name of Object.keys(made)) await venvs.deleteVenv({ name });
    await host.uninstallRuntime({ runtimeId: runtime.id });
    expect(leftInHome()).toEqual([]);
  });
});

describe.skipIf(!canMount)('a disk that is full (needs the right to mount a tmpfs)', () => {
  test('is said, and nothing is left on it', async () => {
    const folder = join(gateway.home, 'runtimes');
    mkdirSync(folder, { recursive: true });
    using disk = mountSmallDisk(folder, '2m');
    const { reason, message } = await failure(install(mirror.version));
    expect([reason, message]).toEqual(['DISK_FULL', expect.stringContaining('nothing was installed')]);
    expect(leftInHome()).toEqual([]);
    expect(disk.freeBytes()).toBeGreaterThan(1_500_000);
  });
});

describe('uninstalling', () => {
  test('is refused while environments stand on it, also by a generation that is only kept', async () => {
    const { runtime } = await install(mirror.version);
    const folder = join(gateway.home, 'envs', 'kept', 'gen-0001', 'bin');
    mkdirSync(folder, { recursive: true });
    symlinkSync(runtime.path, join(folder, 'python'));
    expect((await host.getRuntime({ runtime: runtime.id })).runtime?.venvs).toEqual(['kept']);
    const { reason, message } = await failure(host.uninstallRuntime({ runtimeId: runtime.id }));
    expect([reason, message]).toEqual(['RUNTIME_IN_USE', expect.stringContaining('"kept"')]);
    rmSync(join(gateway.home, 'envs', 'kept'), { recursive: true });
    await host.uninstallRuntime({ runtimeId: runtime.id });
    expect(leftInHome()).toEqual([]);
    expect((await failure(host.uninstallRuntime({ runtimeId: runtime.id }))).reason).toBe('RUNTIME_NOT_FOUND');
  });

  test('at once by two removes it once', async () => {
    const { runtime } = await install(mirror.version);
    const both = await Promise.allSettled([1, 2].map(() => host.uninstallRuntime({ runtimeId: runtime.id })));
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(leftInHome()).toEqual([]);
  });

  test('is only for what was installed here', async () => {
    const { runtime } = await host.getRuntime({});
    const { reason, message } = await failure(host.uninstallRuntime({ runtimeId: runtime?.id ?? '' }));
    expect([reason, message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining('not ours to remove')]);
    expect(existsSync(runtime?.path ?? '')).toBe(true);
  });

  test('by a version says whose it is: the id of one of ours, or that it is not ours', async () => {
    const { runtime } = await host.getRuntime({});
    const notOurs = await failure(host.uninstallRuntime({ runtimeId: runtime?.version ?? '' }));
    expect([notOurs.reason, notOurs.message]).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining('not ours to remove'),
    ]);
    const installed = (await install(mirror.version)).runtime;
    const ours = await failure(host.uninstallRuntime({ runtimeId: installed.version }));
    expect([ours.reason, ours.message]).toEqual([
      'RUNTIME_NOT_FOUND',
      `no such Python runtime: "${installed.version}"; a runtime is removed by its id: "${installed.id}"`,
    ]);
    expect(existsSync(installed.path)).toBe(true);
  });

  test.each(['unknown', '../..', '/usr/bin/python3', '.temp'])('%j names nothing', async (runtimeId) => {
    expect((await failure(host.uninstallRuntime({ runtimeId }))).reason).toBe('RUNTIME_NOT_FOUND');
  });
});

test(
  'a gateway that is killed while it installs leaves nothing that the next one stumbles over',
  async () => {
    await using own = await createSharedHome();
    const flags = ['--python-downloads', mirror.list];
    let begun = () => {};
    const isUnderWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    mirror.set([{}], (response, archive) => {
      response.writeHead(200, { 'content-length': archive.length }).write(archive.subarray(0, archive.length / 2));
      begun();
    });
    const first = await startGateway({ home: own.home, flags });
    const ending = install(mirror.version, { of: clientOf(first) });
    await isUnderWay;
    const failed = failure(ending).catch(() => undefined);
    const below = await first.kill();
    await failed;
    for (const { pid, commandLine } of below) if (/\buv python/.test(commandLine)) process.kill(pid, 'SIGKILL');
    mirror.set([{}]);
    await using second = await startGateway({ home: own.home, flags });
    expect((await clientOf(second).listRuntimes({})).runtimes.filter((runtime) => runtime.managed)).toEqual([]);
    expect((await install(mirror.version, { of: clientOf(second) })).runtime.usable).toBe(true);
    expect(readdirSync(join(own.home, 'run', 'downloads'))).toEqual([]);
  },
  twoGatewaysMs,
);
