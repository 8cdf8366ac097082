/** Requirements texts: what is understood line by line, and which line is wrong. */
import { expect, test } from 'vitest';
import { readRequirementsText, writeRequirementsText } from '../../../src/venvs/requirements/requirements-text.ts';

const strict = { allowDirectReferences: false, allowExtraIndexes: false };
const open = { allowDirectReferences: true, allowExtraIndexes: true };
const sha = `sha256:${'0a'.repeat(32)}`;
const read = (text: string, policy = strict) => readRequirementsText(text, policy);
const written = async (text: string, policy = strict) => writeRequirementsText((await read(text, policy)).requests);

test('comments, empty lines, continuations and line ends of every kind', async () => {
  const text = '\ufeff# made by hand\r\n\r\npandas>=2 # the newest\r\nnumpy \\\n  >=1, \\\r\n  <3\n\t\n  six\t\nlast\\';
  expect(await written(text)).toBe('pandas>=2\nnumpy>=1,<3\nsix\nlast\n');
});

test('what uv itself writes, with its hashes', async () => {
  const text = `# by uv\na==1.0 \\\n    --hash=${sha} \\\n    --hash=sha512:${'b'.repeat(128)}\n    # via -r -\nb==2 --hash ${sha}\n`;
  const { requests, requireHashes } = await read(text);
  expect(requireHashes).toBe(true);
  expect(requests.map(({ hashes }) => hashes.length)).toEqual([2, 1]);
  const understood = writeRequirementsText(requests);
  expect(understood).toBe(`a==1.0 --hash=${sha} --hash=sha512:${'b'.repeat(128)}\nb==2 --hash=${sha}\n`);
  expect(await written(understood)).toBe(understood);
});

test('a text without anything asks for nothing', async () => {
  expect(await read('\n# nothing\n')).toEqual({
    requests: [],
    defaultIndex: '',
    extraIndexes: [],
    requireHashes: false,
  });
});

test('hashes can be required', async () => {
  expect((await read('--require-hashes\na==1')).requireHashes).toBe(true);
});

test('indexes are read where the settings allow it', async () => {
  const text =
    '-i https://index.example/simple\n--extra-index-url=https://more.example/simple\n--extra-index-url https://most.example\na';
  expect(await read(text, open)).toMatchObject({
    defaultIndex: 'https://index.example/simple',
    extraIndexes: ['https://more.example/simple', 'https://most.example'],
  });
});

test.each([
  ['a\nb c\n', 'requirements line 2', /it goes wrong at "c"/],
  ['a\\\n==1 \\\n--pre\n', 'requirements line 1', /of options only --hash/],
  ['\n\na==1 --hash=md5:abc', 'requirements line 3', /its hash is none; it is sha256:/],
  ['a==1 --hash=sha256:abc', 'requirements line 1', /its hash is none/],
  ['a==1 --hash', 'requirements line 1', /of options only --hash/],
  ['-r other.txt', 'requirements line 1', /it names a file of the gateway; put its lines into this text/],
  ['-rother.txt', 'requirements line 1', /it names a file of the gateway/],
  ['--requirement=other.txt', 'requirements line 1', /it names a file of the gateway/],
  ['-c other.txt', 'requirements line 1', /put its versions into this text/],
  ['-e .', 'requirements line 1', /it would run code of a folder/],
  ['--find-links /tmp', 'requirements line 1', /for the setting --find-packages/],
  ['--no-index', 'requirements line 1', /for index\.offline/],
  ['--no-binary :all:', 'requirements line 1', /index\.allow_build/],
  ['--trusted-host x', 'requirements line 1', /the configuration of pip/],
  ['--pre', 'requirements line 1', /of options only --require-hashes, --index-url and --extra-index-url are known/],
  ['--require-hashes=yes', 'requirements line 1', /of options only/],
  ['-', 'requirements line 1', /of options only/],
  ['--index-url https://index.example', 'requirements line 1', /use index\.default_index, or the setting/],
  ['a @ https://files.example/a.whl', 'requirements line 1', /direct references are not allowed/],
  ['./a', 'requirements line 1', /it is a path/],
  ['a\u0000', 'requirements line 1', /control character/],
  ['a\rb', 'requirements line 1', /control character/],
  ['a==$' + '{HOME}', 'requirements line 1', /variables are not filled in/],
])('%j is refused', async (text, where, says) => {
  const error = await read(text).catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: 'PACKAGE_SPEC_INVALID', metadata: { field: where } });
  expect(error.message).toMatch(says);
});

test('an index that is none is refused, and its credentials do not show', async () => {
  for (const wrong of ['file:///etc', 'ftp://anna:s3cret@x', '', 'https://a b', 'https://']) {
    const error = await read(`--index-url ${wrong}`, open).catch((thrown) => thrown);
    expect(error).toMatchObject({ reason: 'PACKAGE_SPEC_INVALID', message: expect.stringContaining('not an index') });
    expect(error.message).not.toMatch(/anna|s3cret/);
  }
});

test('there is a bound on how much is asked', async () => {
  await expect(read('a\n'.repeat(10_001))).rejects.toMatchObject({
    message: expect.stringContaining('at most 10000 requirements'),
  });
});
