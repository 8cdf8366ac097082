/** What a caller of the gateway sees when packages cannot be had: a reason, the next step, and nothing that was half done. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../../src/gen/es/google/rpc/error_details_pb.ts';
import { startGateway } from '../../support/gateway.ts';
import { type PackageIndexOptions, startPackageIndex } from '../../support/package-index.ts';
import { processesBelow } from '../../support/processes.ts';
import { createVenvClient, told, type VenvClient } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { makeSourceDistribution, makeWheel, type PackageFile } from '../../support/wheel.ts';
import { createTestFolder, createTestHome } from '../setup/test-home.ts';

/** A source distribution whose build leaves a file behind. */
const planted = (marker: string) => {
  const leave = `open(${JSON.stringify(marker)}, "w").close()\n`;
  const backend = `${leave}def prepare_metadata_for_build_wheel(*_, **__):\n    raise SystemExit(1)\nbuild_wheel = prepare_metadata_for_build_wheel\n`;
  const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';
  return makeSourceDistribution({
    name: 'planted',
    version: '1.0',
    setup: leave,
    files: { 'pyproject.toml': project, 'backend.py': backend },
  });
};
const wheels = [
  makeWheel({ name: 'good', version: '1.0' }),
  makeWheel({ name: 'better', version: '1.0', requires: ['good'] }),
  makeWheel({ name: 'wants-other-good', version: '1.0', requires: ['good==2.0'] }),
  makeWheel({ name: 'for-later', version: '1.0', requiresPython: '>=3.99' }),
  makeWheel({ name: 'for-windows', version: '1.0', tag: 'py3-none-win_amd64' }),
];

let folder: Awaited<ReturnType<typeof createTestFolder>>;
let marker: string;
let files: readonly PackageFile[];
let own: VenvGateway;
beforeAll(async () => {
  folder = await createTestFolder();
  marker = join(folder.path, 'ran');
  files = [...wheels, planted(marker)];
  own = await startVenvGateway({ index: { files } });
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function refusal(
  call: Promise<unknown>,
): Promise<{ reason: string | undefined; message: string; error: ConnectError }> {
  const error = await call.then(
    () => new ConnectError('it did not fail'),
    (thrown) => ConnectError.from(thrown),
  );
  return { reason: error.findDetails(ErrorInfoSchema)[0]?.reason, message: error.rawMessage, error };
}

const names = async (venvs: VenvClient) => (await venvs.listVenvs({})).venvs.map(({ name }) => name);

describe('a change that cannot be made', () => {
  test.each([
    ['PACKAGE_NOT_FOUND', ['nowhere-at-all'], undefined],
    ['RESOLUTION_FAILED', ['good==1.0', 'wants-other-good'], undefined],
    ['PYTHON_INCOMPATIBLE', ['for-later'], undefined],
    ['NO_MATCHING_WHEEL', ['for-windows'], undefined],
    ['BUILD_FORBIDDEN', ['planted'], undefined],
    ['CHECKSUM_MISMATCH', ['good'], { announce: () => '0'.repeat(64) }],
    ['INDEX_UNAUTHORIZED', ['good'], { credentials: { user: 'anna', password: 'right-one' } }],
    ['CERTIFICATE_NOT_TRUSTED', ['good'], { tls: true }],
    [
      'INDEX_UNREACHABLE',
      ['good'],
      { misbehave: (path, response) => path.startsWith('/simple') && response.writeHead(500).end() !== undefined },
    ],
    [
      'DOWNLOAD_INVALID',
      ['better'],
      {
        misbehave: (path, response) => path.startsWith('/files') && response.writeHead(200).end('<html>') !== undefined,
      },
    ],
  ] satisfies [string, string[], PackageIndexOptions | undefined][])(
    'is told as %s, and leaves no environment behind',
    async (reason, packages, server) => {
      await using other = server && (await startPackageIndex({ files, ...server }));
      const index = other && { defaultIndex: other.url };
      const spec = { packages, ...(index && { index }) };
      expect((await refusal(told(own.venvs.createVenv({ name: 'never', spec })))).reason).toBe(reason);
      expect(await names(own.venvs)).not.toContain('never');
      expect(readdirSync(join(own.home, 'envs')).filter((name) => name === 'never')).toEqual([]);
    },
  );

  test('leaves the generation before it in force, and what it asked for is not remembered', async () => {
    await told(own.venvs.createVenv({ name: 'steady', spec: { packages: ['good'] } }));
    const before = await own.venvs.getVenv({ name: 'steady' });
    for (const packages of [['nowhere-at-all'], ['wants-other-good', 'good==1.0'], ['for-later']]) {
      await refusal(told(own.venvs.installPackages({ name: 'steady', packages })));
    }
    const after = await own.venvs.getVenv({ name: 'steady' });
    expect({ ...after, usedAt: undefined }).toEqual({ ...before, usedAt: undefined });
    expect((await own.venvs.checkVenv({ name: 'steady', level: 3 })).sound).toBe(true);
  });

  test('is told over plain HTTP in the same way, with its place in the request', async () => {
    const answer = await fetch(`${own.gateway.http}/beep.python.v1.VenvService/PlanPackages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.gateway.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ packages: ['good', 'good=1'] }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(
        /^not a package requirement: packages\[1\] "good=1": a version is asked for with "=="/,
      ),
    });
  });
});

describe('a package that would run its own code', () => {
  test.each([
    { packages: ['planted'] },
    { packages: ['./planted'] },
    { packages: ['.'] },
    { packages: ['-e', '.'] },
    { packages: ['planted @ file:///planted'] },
    { packages: ['git+file:///planted'] },
    { packages: ['--no-build=false'] },
    { packages: ['planted --config-settings=x'] },
    { requirements: '-e .\n' },
    { requirements: '--no-binary :none:\nplanted\n' },
    { requirements: './planted\n' },
    { requirements: 'planted @ file:///planted\n' },
    { requirements: 'lock-version = "1.0"\n[[packages]]\nname = "planted"\ndirectory = { path = "/planted" }\n' },
  ])('never does so, however it is asked for: %j', async (asked) => {
    const requests = [
      own.venvs.planPackages(asked),
      told(own.venvs.createVenv({ name: 'planted', spec: asked })),
      told(own.venvs.ensureVenv({ name: 'planted', spec: asked })),
    ];
    const reasons = await Promise.all(requests.map(async (request) => (await refusal(request)).reason));
    expect(reasons.every((reason) => reason === 'PACKAGE_SPEC_INVALID' || reason === 'BUILD_FORBIDDEN')).toBe(true);
    expect(existsSync(marker)).toBe(false);
  });

  test('does so where a request allows it to be built', async () => {
    const failed = await refusal(own.venvs.planPackages({ packages: ['planted'], index: { allowBuild: true } }));
    expect(failed.reason).toBe('BUILD_FAILED');
    expect(existsSync(marker)).toBe(true);
  });
});

describe('credentials of the index', () => {
  const credentials = { user: 'anna', password: 's3cret-of-hers' };

  test('in the setting are used, and show neither in the log, nor in arguments, nor in errors', async () => {
    await using index = await startPackageIndex({ files, credentials });
    await using made = await createTestHome();
    const variables = { BEEP_PYTHON_PACKAGE_INDEX: index.urlWithCredentials, BEEP_PYTHON_LOG_LEVEL: undefined };
    await using gateway = await startGateway({
      home: made.home,
      flags: ['--log-level', 'trace', '--package-cache', join(made.home, 'cache')],
      env: variables,
    });
    const venvs = createVenvClient(gateway);
    const seen: string[] = [];
    const { result } = await told(venvs.createVenv({ name: 'private', spec: { packages: ['better'] } }), () =>
      seen.push(...processesBelow(gateway.pid).map(({ commandLine }) => commandLine)),
    );
    expect(result.changes).toHaveLength(2);
    const failed = await refusal(told(venvs.installPackages({ name: 'private', packages: ['nowhere-at-all'] })));
    expect(failed.reason).toBe('PACKAGE_NOT_FOUND');
    const locked = await venvs.exportVenv({ name: 'private', format: 2 });
    expect(locked.text).toContain('[[packages]]');
    const all = [gateway.log(), seen.join('\n'), failed.message, JSON.stringify(failed.error.details), locked.text];
    for (const text of all) expect(text).not.toMatch(/s3cret|anna/);
    expect(failed.message).toContain('***@127.0.0.1');
  });

  test('in a request are kept in the record of the environment, which only our user can read', async () => {
    await using index = await startPackageIndex({ files, credentials });
    const spec = { packages: ['good'], index: { defaultIndex: index.urlWithCredentials } };
    await told(own.venvs.createVenv({ name: 'kept', spec }));
    const record = join(own.gateway.home, 'envs', 'kept', 'environment.json');
    expect(readFileSync(record, 'utf8')).toContain(index.urlWithCredentials);
    expect(statSync(record).mode & 0o777).toBe(0o600);
    expect(own.gateway.log()).not.toMatch(/s3cret|anna/);
    await own.venvs.deleteVenv({ name: 'kept' });
  });

  test('in a request are used as well, and show as little', async () => {
    await using index = await startPackageIndex({ files, credentials });
    const asked = { packages: ['good', 'nowhere-at-all'], index: { defaultIndex: index.urlWithCredentials } };
    const failed = await refusal(own.venvs.planPackages(asked));
    expect(failed.reason).toBe('PACKAGE_NOT_FOUND');
    expect(`${failed.message}${own.gateway.log()}`).not.toMatch(/s3cret|anna/);
    const wrong = { ...asked, index: { defaultIndex: index.urlWithCredentials.replace('s3cret', 'wr0ng-one') } };
    const refused = await refusal(own.venvs.planPackages(wrong));
    expect(refused.reason).toBe('INDEX_UNAUTHORIZED');
    expect(`${refused.message}${own.gateway.log()}`).not.toMatch(/wr0ng|anna/);
  });
});

describe("pip's configuration", () => {
  test.each(['variable', 'file'])('by a %s names the index where no setting does', async (how) => {
    await using index = await startPackageIndex({ files, credentials: { user: 'pip', password: 'knows-this' } });
    await using made = await createTestHome();
    const file = join(made.home, 'pip.conf');
    writeFileSync(file, `[global]\nindex-url = ${index.urlWithCredentials.replaceAll('%', '%%')}\n`);
    const env =
      how === 'file'
        ? { PIP_CONFIG_FILE: file, PIP_INDEX_URL: undefined }
        : { PIP_CONFIG_FILE: '/dev/null', PIP_INDEX_URL: index.urlWithCredentials };
    const flags = ['--package-cache', join(made.home, 'cache')];
    await using gateway = await startGateway({ home: made.home, flags, env: { ...env, PIP_FIND_LINKS: undefined } });
    const venvs = createVenvClient(gateway);
    await told(venvs.createVenv({ name: 'by-pip', spec: { packages: ['good'] } }));
    expect(index.asked).toContain('/simple/good/');
    const failed = await refusal(venvs.planPackages({ packages: ['nowhere-at-all'] }));
    expect(failed.message).toMatch(/asked: http:\/\/\*\*\*@127\.0\.0\.1:\d+\/simple;/);
  });
});

describe('settings', () => {
  test('that allow no builds and no network are kept whatever a request says', async () => {
    await using strict = await startVenvGateway({
      index: { files },
      flags: ['--package-builds', 'never', '--offline'],
    });
    const build = await refusal(strict.venvs.planPackages({ packages: ['planted'], index: { allowBuild: true } }));
    expect(build).toMatchObject({
      reason: 'FORBIDDEN',
      message: expect.stringContaining('--package-builds on-request'),
    });
    expect((await refusal(strict.venvs.planPackages({ packages: ['good'] }))).reason).toBe('OFFLINE_MISS');
    expect(strict.index.asked).toEqual([]);
  });

  test('that allow direct references and further indexes do so', async () => {
    const [good] = wheels;
    await using open = await startVenvGateway({
      index: { files },
      flags: ['--allow-direct-references', '--allow-extra-indexes'],
    });
    await using more = await startPackageIndex({ files: [makeWheel({ name: 'good', version: '7.0' })] });
    const url = `${open.index.url.replace('/simple', '')}/files/${good?.fileName}`;
    await told(open.venvs.createVenv({ name: 'direct', spec: { packages: [`good @ ${url}`] } }));
    expect((await open.venvs.exportVenv({ name: 'direct' })).text).toBe(`good @ ${url}\n`);
    const extra = { requirements: `--extra-index-url ${more.url}\ngood\n` };
    expect((await open.venvs.planPackages(extra)).changes).toMatchObject([{ name: 'good', newVersion: '7.0' }]);
  });
});

test('whatever is understood as a request is understood by uv', async () => {
  const understood = [
    'good',
    'good[x,y]>=1,<3',
    'good~=1.0',
    'good!=2.*',
    'good==1.0; python_version >= "3.9" and (os_name == "posix" or "x" in platform_version)',
  ];
  for (const one of understood) {
    const { changes } = await own.venvs.planPackages({ packages: [one] });
    expect(
      changes.map(({ name }) => name),
      one,
    ).toEqual(['good']);
  }
});
