/** Package requests: what is understood, and why the rest is refused. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPackageNames, readPackageRequests } from '../../../src/venvs/requirements/requirement.ts';

const strict = { allowDirectReferences: false };
const direct = { allowDirectReferences: true };
const read = async (text: string, policy = strict) => (await readPackageRequests([text], policy))[0];

test.each([
  ['pandas', 'pandas'],
  ['  pandas  ', 'pandas'],
  ['Ruamel.Yaml__x', 'ruamel-yaml-x'],
  ['pandas>=2', 'pandas>=2'],
  ['pandas >= 2 , < 3', 'pandas>=2,<3'],
  ['pandas (>=2)', 'pandas>=2'],
  ['pandas[excel, Perf_Ormance, excel]', 'pandas[excel,perf-ormance]'],
  ['a==1.0.post1', 'a==1.0.post1'],
  ['a==1.0+cpu', 'a==1.0+cpu'],
  ['a==2.*', 'a==2.*'],
  ['a~=1.4', 'a~=1.4'],
  ['a>1!2', 'a>1!2'],
  ['a;os_name=="posix"', 'a ; os_name == "posix"'],
  ["a>1; python_version < '3.12' and extra == 'x'", "a>1 ; python_version < '3.12' and extra == 'x'"],
  [
    'a; (os_name=="nt" or os_name=="posix") and sys_platform not  in "win32"',
    'a ; (os_name == "nt" or os_name == "posix") and sys_platform not in "win32"',
  ],
  ['a; os_name=="nt" or os_name=="posix" and extra=="x"', 'a ; os_name == "nt" or os_name == "posix" and extra == "x"'],
])('%j is understood as %j', async (text, understood) => {
  expect((await read(text))?.text).toBe(understood);
  expect((await read(understood))?.text).toBe(understood);
});

test.each([
  ['', /: it is empty; it is name, extras, version and marker, such as pandas\[excel\]>=2,<3/],
  ['   ', /it is empty/],
  ['a b', /it goes wrong at "b" \(character 3\)/],
  ['a 1.0', /it goes wrong at "1\.0"/],
  ['a=1', /with "==", not with "="/],
  ['a>=', /it ends too early/],
  ['a>=1,', /it ends too early/],
  ['a ()', /no version between its brackets/],
  ['a==banana', /"==banana" is no version specifier \(PEP 440\)/],
  ['a===2024.1', /with "==", not with "==="/],
  ['a>=1.*', /">=1\.\*" is no version specifier/],
  ['a~=1', /"~=1" is no version specifier/],
  ['a>=1.0+local', /">=1\.0\+local" is no version specifier/],
  ['a ; colour == "red"', /it goes wrong at "colour/],
  ['a ; os_name', /it ends too early/],
  ['-e .', /it is an option/],
  ['-r other.txt', /it is an option/],
  ['--index-url=https://index.example', /it is an option/],
  ['a --hash=sha256:00', /hashes stand in requirements texts only/],
  ['a==1 --no-binary=:all:', /it goes wrong at/],
  ['.', /it is a path/],
  ['./here', /it is a path/],
  ['/etc/passwd', /it is a path/],
  ['~/x', /it is a path/],
  ['C:\\x', /it is a path/],
  ['..', /it is a path/],
  ['here/there', /it goes wrong at/],
  ['a-1.0-py3-none-any.whl', /it is a file, not a name/],
  ['https://files.example/a.whl', /it is a URL without a name/],
  ['git+https://files.example/a', /it is a URL without a name/],
  ['a @ https://files.example/a.whl', /direct references are not allowed here; .*--allow-direct-references/],
  ['a@file:///etc/passwd', /direct references are not allowed here/],
  ['a @ ./b', /direct references are not allowed here/],
  ['a # comment', /it contains a comment/],
  ['a\nb', /a control character or a line break/],
  ['a\r', undefined],
  ['a\u0000', /a control character/],
  ['a\u2028b', /a control character or a line break/],
  ['pand\u0430s', /letters that package names do not have/],
  ['a\u200b', /a control character/],
  ['a==$' + '{HOME}', /variables are not filled in/],
  ['a; os_name == "$' + '{HOME}"', /variables are not filled in/],
  ['_a', /it goes wrong at|is no name/],
  ['a-', /it ends too early|is no name/],
  [`${'a'.repeat(129)}`, /its name is longer than 128 characters/],
  [`a[${'x'.repeat(129)}]`, /its name is longer than 128 characters/],
  [`a==1${'.0'.repeat(3000)}`, /longer than 4096 characters/],
  [`a; ${'('.repeat(3000)}`, /nested too deeply|ends too early/],
])('%j is refused', async (text, says) => {
  if (says === undefined) return expect((await read(text))?.text).toBe('a');
  const error = await read(text).catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: 'PACKAGE_SPEC_INVALID', metadata: { field: 'packages[0]' } });
  expect(error.message).toMatch(/^not a package requirement: packages\[0\] "/);
  expect(error.message).toMatch(says);
});

test('the entry that is wrong is named by its place', async () => {
  await expect(readPackageRequests(['a', 'b>=1', 'c='], strict)).rejects.toMatchObject({
    metadata: { field: 'packages[2]', spec: 'c=' },
  });
});

test.each([
  ['a @ https://files.example/a.whl', 'a @ https://files.example/a.whl'],
  [
    'a[x] @ git+https://files.example/a@v1 ; os_name == "posix"',
    'a[x] @ git+https://files.example/a@v1 ; os_name == "posix"',
  ],
  ['a @ file:///tmp/a.whl', 'a @ file:///tmp/a.whl'],
])('%j is understood where direct references are allowed', async (text, understood) => {
  expect((await read(text, direct))?.text).toBe(understood);
});

test.each(['a @ ./b', 'a @ ftp://files.example/a', 'a @ git+file:///x', 'a @ hg+http://x/y', 'a @ //x/y'])(
  '%j is refused also where direct references are allowed',
  async (text) => {
    await expect(read(text, direct)).rejects.toMatchObject({
      reason: 'PACKAGE_SPEC_INVALID',
      message: expect.stringContaining('its URL begins with none of'),
    });
  },
);

test('credentials in a refused request do not show', async () => {
  const error = await read('a @ https://anna:s3cret@files.example/a.whl').catch((thrown) => thrown);
  expect(error.message + JSON.stringify(error.metadata)).not.toMatch(/anna|s3cret/);
});

test('whatever is understood is one line without an option, and is understood again in the same way', async () => {
  const pieces = fc.constantFrom(
    'a',
    'B-c',
    '[x]',
    '[',
    ']',
    '>=1',
    '==',
    '1.0',
    ',',
    ';',
    ' ',
    'os_name',
    '"',
    "'",
    '@',
    '\\',
    '\n',
    '-',
    '--',
    '#',
    '$',
    '(',
    ')',
    'and',
    'http://x',
    '/',
    '.',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
      const request = await read(parts.join('')).catch(() => undefined);
      if (request === undefined) return;
      expect(request.text).toMatch(/^[a-z0-9][^\n\r\\#$@]*$/);
      expect(request.text).not.toMatch(/(^|\s)-/);
      expect(await read(request.text)).toEqual(request);
    }),
    { numRuns: 2000 },
  );
});

test('a thousand requests leave others their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const entries = Array.from({ length: 1000 }, (_, at) => `package-${at}>=1.${at}; python_version >= "3.9"`);
  expect(await readPackageRequests(entries, strict)).toHaveLength(1000);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

test('names to remove are names alone', () => {
  expect(readPackageNames(['Pandas', ' ruamel.yaml '])).toEqual(['pandas', 'ruamel-yaml']);
  for (const wrong of ['', 'a==1', '-r', 'a b', '../a', 'a[x]']) {
    expect(() => readPackageNames(['ok', wrong])).toThrow(/packages\[1\].*here it is a name alone, such as pandas/);
  }
});
