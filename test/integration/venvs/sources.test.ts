/** Where the packages of an environment come from is remembered for its changes; locks and texts are what they say. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExportFormat } from '../../../src/gen/es/beep/python/v1/venv_pb.ts';
import { startPackageIndex, type TestIndex } from '../../support/package-index.ts';
import { changesOf, told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { makeSourceDistribution, makeWheel } from '../../support/wheel.ts';

const credentials = { user: 'anna', password: 'very-secret-word' };
/** A build that needs nothing but itself. */
const backend = {
  'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  'backend.py': `
import base64, hashlib, os, zipfile
def build_wheel(folder, *_, **__):
    name = "built-1.0-py3-none-any.whl"
    info = "built-1.0.dist-info"
    files = {
        "built.py": "answer = 42\\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
`,
};

let own: VenvGateway;
let foreign: TestIndex;
beforeAll(async () => {
  own = await startVenvGateway();
  foreign = await startPackageIndex({
    credentials,
    files: [
      makeWheel({ name: 'private', version: '1.0', requires: ['helper'] }),
      makeWheel({ name: 'helper', version: '2.0' }),
    ],
  });
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await foreign?.[Symbol.asyncDispose]();
});

test('packages of an index of the request are found again by changes that name none, and its password shows nowhere', async () => {
  const name = 'private';
  const index = { defaultIndex: foreign.urlWithCredentials };
  const made = await told(own.venvs.createVenv({ name, spec: { packages: ['private'], index } }));
  expect(changesOf(made)).toEqual(['helper - -> 2.0', 'private - -> 1.0']);
  expect(changesOf(await told(own.venvs.installPackages({ name, packages: ['stone'] })))).toEqual(['stone - -> 3.0']);
  expect(changesOf(await told(own.venvs.uninstallPackages({ name, packages: ['helper'] })))).toEqual([
    'helper 2.0 -> -',
  ]);
  const copied = await told(own.venvs.cloneVenv({ name, newName: 'private-copy' }));
  expect(copied.result.venv?.packageCount).toBe(2);
  const said = JSON.stringify([made.progress, made.result, await own.venvs.getVenv({ name })], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(said).not.toContain(credentials.password);
  expect(own.gateway.log()).not.toContain(credentials.password);
  // In the record alone, which only this user can read.
  const record = join(own.folder(name), 'environment.json');
  expect(readFileSync(record, 'utf8')).toContain(credentials.password);
  expect(statSync(record).mode & 0o077).toBe(0);
});

test('an environment is taken elsewhere as a lock, and is exactly that there', async () => {
  await told(own.venvs.createVenv({ name: 'here', spec: { packages: ['tree==1.0', 'leaf==1.0'] } }));
  const { text } = await own.venvs.exportVenv({ name: 'here', format: ExportFormat.PYLOCK });
  const made = await told(own.venvs.createVenv({ name: 'there', spec: { requirements: text } }));
  expect(changesOf(made)).toEqual(['leaf - -> 1.0', 'tree - -> 1.0']);
  await told(own.venvs.installPackages({ name: 'there', packages: ['stone', 'leaf==1.1'] }));
  const synced = await told(own.venvs.syncVenv({ name: 'there', requirements: text }));
  expect(changesOf(synced)).toEqual(['leaf 1.1 -> 1.0', 'stone 3.0 -> -']);
  const again = await told(own.venvs.ensureVenv({ name: 'there', spec: { requirements: text } }));
  expect(again.result.unchanged).toBe(true);
});

test('an exported requirements text makes the same environment', async () => {
  await told(own.venvs.createVenv({ name: 'text', spec: { packages: ['tree==1.0'] } }));
  const { text } = await own.venvs.exportVenv({ name: 'text', format: ExportFormat.REQUIREMENTS });
  const made = await told(own.venvs.createVenv({ name: 'text-copy', spec: { requirements: text } }));
  expect(changesOf(made)).toEqual(['leaf - -> 1.1', 'tree - -> 1.0']);
});

test('what was asked for by name stays known through changes', async () => {
  const name = 'requested';
  await told(own.venvs.createVenv({ name, spec: { packages: ['tree'] } }));
  await told(own.venvs.installPackages({ name, packages: ['stone'] }));
  const { packages } = await own.venvs.listPackages({ name });
  const requested = packages.filter((one) => one.requested).map((one) => one.name);
  expect(requested).toEqual(['stone', 'tree']);
});

test('what was built from source once is there in the next generation too', async () => {
  await using index = await startPackageIndex({
    files: [
      makeSourceDistribution({ name: 'built', version: '1.0', setup: '', files: backend }),
      makeWheel({ name: 'stone', version: '3.0' }),
    ],
  });
  const name = 'built';
  const asked = { defaultIndex: index.url };
  await expect(told(own.venvs.createVenv({ name, spec: { packages: ['built'], index: asked } }))).rejects.toThrow(
    /build|source/,
  );
  await told(own.venvs.createVenv({ name, spec: { packages: ['built'], index: { ...asked, allowBuild: true } } }));
  const changed = await told(own.venvs.installPackages({ name, packages: ['stone'], index: asked }));
  expect(changesOf(changed)).toEqual(['stone - -> 3.0']);
  expect(changed.result.venv?.packageCount).toBe(2);
});
