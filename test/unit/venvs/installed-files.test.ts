/** RECORD, METADATA and markers of installed packages, as they are and as they should not be. */
import { expect, test } from 'vitest';
import { readInstalledFiles, summarizeInstalledFiles } from '../../../src/venvs/installed/files.ts';
import { readPackageMetadata } from '../../../src/venvs/installed/metadata.ts';
import { createMarkerCheck } from '../../../src/venvs/requirements/marker-check.ts';

test('a RECORD is read line by line, with names in quotes', () => {
  const text = 'a/b.py,sha256=AbC_-,12\r\n"a,""b"".py",sha512=xyz=,3\na/__pycache__/b.pyc,,\n\n,sha256=x,1\nlone\n';
  expect(readInstalledFiles(text)).toEqual([
    { path: 'a/b.py', algorithm: 'sha256', digest: 'AbC_-', sizeBytes: 12 },
    { path: 'a,"b".py', algorithm: 'sha512', digest: 'xyz', sizeBytes: 3 },
    { path: 'a/__pycache__/b.pyc', algorithm: '', digest: '', sizeBytes: undefined },
    { path: 'lone', algorithm: '', digest: '', sizeBytes: undefined },
  ]);
});

test.each([
  ['', [], 0],
  ['six.py,sha256=x,10', ['six'], 10],
  ['a/__init__.py,sha256=x,1\na/b/c.py,sha256=x,2\r\na-1.0.dist-info/METADATA,sha256=x,4\n', ['a'], 7],
  ['_x.cpython-312-x86_64-linux-gnu.so,sha256=x,5\ny.abi3.so,sha256=x,1\n', ['_x', 'y'], 6],
  ['../../../bin/tool.py,sha256=x,3\n__pycache__/six.cpython-312.pyc,,\nnumpy.libs/lib.so,sha256=x,9\n', [], 12],
  ['data/x.txt,sha256=x,1\ndata/y.py,sha256=x,1\nonly/x.txt,sha256=x,1\n', ['data'], 3],
  ['grüße/__init__.py,sha256=x,1\n', ['grüße'], 1],
  ['"a,b/c.py",sha256=x,4\nno commas at all\n,,\n99\n', [], 4],
  ['a.py,sha256=x,99999999999999999999999999\n', ['a'], 0],
])('%j holds the modules %j in %i bytes', (text, modules, sizeBytes) => {
  expect(summarizeInstalledFiles(text)).toEqual({ modules, sizeBytes });
});

test('metadata is read up to the description', () => {
  const text = [
    'Metadata-Version: 2.1',
    'Name: Ruamel.Yaml',
    'Version: 1.0',
    'Summary: Reads',
    '   and writes',
    'Requires-Dist: a>=1',
    'requires-dist: b ; extra == "x"',
    '',
    'Name: not this one',
    'Requires-Dist: nor this',
  ];
  for (const end of ['\n', '\r\n']) {
    expect(readPackageMetadata(text.join(end), 'ruamel_yaml-1.0.dist-info')).toEqual({
      name: 'Ruamel.Yaml',
      version: '1.0',
      summary: 'Reads and writes',
      license: '',
      requires: ['a>=1', 'b ; extra == "x"'],
    });
  }
});

test.each([
  ['License-Expression: MIT\nLicense: Other', 'MIT'],
  ['License: BSD-3-Clause', 'BSD-3-Clause'],
  ['License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License', 'MIT License'],
  [`License: ${'whole text '.repeat(100)}\nClassifier: License :: OSI Approved :: MIT License`, 'MIT License'],
  ['Classifier: License :: A\nClassifier: License :: B\nClassifier: Topic :: C', 'A, B'],
  ['Summary: none', ''],
])('the license in %j is %j', (text, license) => {
  expect(readPackageMetadata(text, 'a-1.0.dist-info')?.license).toBe(license);
});

test('what metadata does not say follows from the name of the folder', () => {
  expect(readPackageMetadata('', 'a_b-1.0.dist-info')).toMatchObject({ name: 'a_b', version: '1.0', summary: '' });
  expect(readPackageMetadata('', 'odd.dist-info')).toBeUndefined();
});

test('what no real package has is cut', () => {
  const long = 'x'.repeat(100_000);
  const text = `Name: ${long}\nVersion: ${long}\nSummary: ${long}\n${`Requires-Dist: ${long}\n`.repeat(30)}${'Requires-Dist: a\n'.repeat(9000)}`;
  const metadata = readPackageMetadata(text, 'a-1.0.dist-info');
  expect(JSON.stringify(metadata).length).toBeLessThan(100_000);
  expect(metadata?.requires).toHaveLength(5000);
});

const holds = createMarkerCheck({
  python_version: '3.12',
  python_full_version: '3.12.1',
  os_name: 'posix',
  sys_platform: 'linux',
  platform_machine: 'x86_64',
});
test.each([
  ['python_version < "3.9"', false],
  ['python_version >= "3.9"', true],
  ['python_version == "3.12"', true],
  ['python_version == "3.*"', true],
  ['python_version != "3.12.*"', false],
  ['python_version > "3.2"', true],
  ['"3.2" < python_version', true],
  ['python_full_version <= "3.12.0"', false],
  ['python_version ~= "3.10"', true],
  ['python_version ~= "2.7"', false],
  ['python_version in "3.11, 3.12"', true],
  ['python_version not  in "3.11 3.12"', false],
  ["sys_platform == 'linux'", true],
  ['"win" in sys_platform', false],
  ['sys_platform not in "win32"', true],
  ['os_name != "nt" and sys_platform == "linux"', true],
  ['os_name == "nt" or (sys_platform == "linux" and python_version >= "3")', true],
  ['(os_name == "nt" or sys_platform == "linux") and python_version < "3"', false],
  ['extra == "test"', false],
  ['python_version > "3" and extra == "test"', false],
  ['os_name == "nt" or os_name == "posix" and extra == "x"', false],
  // What cannot be read holds.
  ['', true],
  ['os_name ==', true],
  ['(os_name == "nt"', true],
  ['os_name == "nt" garbage', true],
  ['os_name == nt"', true],
  [`${'('.repeat(10_000)}`, true],
])('%j: %s', (marker, expected) => {
  expect(holds(marker)).toBe(expected);
  expect(holds(marker)).toBe(expected);
});
