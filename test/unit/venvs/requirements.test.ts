/** Locks, and lists and texts together. */
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { askedIndex, readRequirements } from '../../../src/venvs/requirements/requirements.ts';

const strict = { allowDirectReferences: false, allowExtraIndexes: true };
const sha256 = '0a'.repeat(32);
const lock = (packages: string, head = 'lock-version = "1.0"\ncreated-by = "test"\n') => `${head}${packages}`;
const wheel = (facts = '') =>
  `[[packages]]\nname = "A_b"\nversion = "1.0"\nwheels = [{ url = "https://files.example/a.whl", upload-time = 2024-01-01T00:00:00Z, size = 5, hashes = { sha256 = "${sha256}" } }]\n${facts}`;

test('a list and a text are one request', async () => {
  const read = await readRequirements(['b', 'a>=1'], 'c==2\n', strict);
  expect(read).toMatchObject({ lock: undefined, input: 'b\na>=1\nc==2\n', requireHashes: false });
});

test('nothing at all asks for nothing', async () => {
  expect(await readRequirements([], '', strict)).toMatchObject({ requests: [], input: '', lock: undefined });
});

test('a lock is read, and written anew for uv', async () => {
  const text = lock(wheel(), '# by hand\nlock-version = "1.0"\nrequires-python = ">=3.9"\ncreated-by = "test"\n');
  const read = await readRequirements([], text, strict);
  expect(read.lock).toMatchObject({ packages: [{ name: 'a-b', version: '1.0' }], requiresPython: '>=3.9' });
  expect(parse(read.lock?.text ?? '')).toEqual(parse(text));
  expect(read).toMatchObject({ requests: [], input: '' });
});

test('a lock is whole: nothing is added to it', async () => {
  await expect(readRequirements(['six'], lock(wheel()), strict)).rejects.toMatchObject({
    reason: 'PACKAGE_SPEC_INVALID',
    message: expect.stringContaining('a lock is whole'),
  });
});

test.each([
  ['lock-version = "1.0', /pylock\.toml.*it is no TOML/],
  ['lock-version = "2.0"\n', /lock-version.*"2\.0" is not known here; it is "1\.0"/],
  ['lock-version = 1.0\n', /lock-version/],
  [lock(''), /packages.*it is missing/],
  [lock('packages = 3'), /packages.*it is missing/],
  [lock('[[packages]]\nname = "-e"'), /packages\[0\]\.name.*it is no name/],
  [lock('[[packages]]\nversion = "1"'), /packages\[0\]\.name/],
  [lock('[[packages]]\nname = "a"\nversion = 1'), /packages\[0\]\.version/],
  [lock('[[packages]]\nname = "a"\ndirectory = { path = "/etc" }'), /packages\[0\]\.directory.*not allowed here/],
  [lock('[[packages]]\nname = "a"\nvcs = { type = "git", url = "https://x/y" }'), /packages\[0\]\.vcs/],
  [lock('[[packages]]\nname = "a"\narchive = { url = "https://x/y.zip" }'), /packages\[0\]\.archive/],
  [lock('[[packages]]\nname = "a"\nwheels = 3'), /packages\[0\]\.wheels.*no list/],
  [lock('[[packages]]\nname = "a"\nwheels = [3]'), /packages\[0\]\.wheels\[0\].*no table/],
  [lock('[[packages]]\nname = "a"\nwheels = [{ path = "/tmp/a.whl" }]'), /wheels\[0\]\.path.*a file of the gateway/],
  [lock('[[packages]]\nname = "a"\nwheels = [{ url = "file:///tmp/a.whl" }]'), /wheels\[0\]\.url/],
  [lock('[[packages]]\nname = "a"\nsdist = { url = "https://x/a.tar.gz" }'), /sdist\.hashes.*none of sha256/],
  [lock('[[packages]]\nname = "a"\nsdist = { url = "https://x/a.tar.gz", hashes = { md5 = "00" } }'), /none of sha256/],
  [
    lock('[[packages]]\nname = "a"\nsdist = { url = "https://x/a.tar.gz", hashes = { sha256 = "xyz" } }'),
    /no such digest in hexadecimal/,
  ],
  [
    lock(`[[packages]]\nname = "a"\nwheels = [{ url = "https://anna:s3cret@x y", hashes = {} }]`),
    /does not begin with|url/,
  ],
])('%j is refused', async (text, says) => {
  const error = await readRequirements([], text, strict).catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: 'PACKAGE_SPEC_INVALID', message: expect.stringMatching(says) });
  expect(error.message).not.toMatch(/anna|s3cret/);
});

test('what a text says of the index is part of what is asked, and options win', async () => {
  const text = '--index-url https://text.example\n--extra-index-url https://extra.example\n--require-hashes\n';
  const requirements = await readRequirements([], text, strict);
  expect(askedIndex(undefined, requirements)).toEqual({
    defaultIndex: 'https://text.example',
    extraIndexes: ['https://extra.example'],
    offline: false,
    allowBuild: false,
    excludeNewer: undefined,
    requireHashes: true,
  });
  const options = { defaultIndex: 'https://option.example', extraIndexes: ['https://first.example'], offline: true };
  expect(askedIndex(options, requirements)).toMatchObject({
    defaultIndex: 'https://option.example',
    extraIndexes: ['https://first.example', 'https://extra.example'],
    offline: true,
  });
});
