import { describe, expect, test } from 'vitest';
import { chooseRuntime } from '../../../src/runtimes/choose.ts';
import type { FoundRuntime } from '../../../src/runtimes/find.ts';

const platform = 'linux-x86_64-gnu';

function runtime(version: string, more: Partial<FoundRuntime> = {}): FoundRuntime {
  const { implementation = 'cpython', isFreeThreaded = false } = more;
  const key = `${implementation}-${version}${isFreeThreaded ? '+freethreaded' : ''}-${platform}`;
  return {
    id: `${key}-00000000`,
    key,
    path: `/opt/${key}/bin/python`,
    source: 'path',
    version,
    implementation,
    abi: '',
    platform,
    isFreeThreaded,
    isPlainRelease: !isFreeThreaded && !/[a-z]/.test(version),
    whyNot: undefined,
    isBroken: false,
    ...more,
  };
}

// Newest first, as they are found.
const all = [
  runtime('3.15.0b1'),
  runtime('3.13.1', { isFreeThreaded: true }),
  runtime('3.13.0'),
  runtime('3.12.4', { whyNot: 'has no ssl', isBroken: true }),
  runtime('3.12.1'),
  runtime('3.11.7', { whyNot: 'has no venv', isBroken: true }),
  runtime('3.10.16', { implementation: 'pypy' }),
  runtime('3.10.13'),
  runtime('3.8.18', { whyNot: 'version 3.8.18 is older than 3.9' }),
  runtime('', { implementation: '', whyNot: 'it ended with 1', isBroken: true, path: '/opt/broken', id: 'unknown-1' }),
];

describe('a version request', () => {
  test.each([
    ['3', '3.13.0'],
    ['3.12', '3.12.1'],
    [' 3.12 ', '3.12.1'],
    ['3.12.1', '3.12.1'],
    ['>=3.11', '3.13.0'],
    ['>= 3.10, < 3.13', '3.12.1'],
    ['~=3.10', '3.13.0'],
    ['~=3.10.1', '3.10.13'],
    ['==3.12.*', '3.12.1'],
    ['!=3.13.*,>=3', '3.12.1'],
    ['cpython', '3.13.0'],
    ['python3.10', '3.10.13'],
    ['CPython@3.10', '3.10.13'],
    ['cpython>=3.9,<3.12', '3.10.13'],
    ['3.15.0b1', '3.15.0b1'],
    ['>=3.15.0a1', '3.15.0b1'],
    ['3.13t', '3.13.1'],
    ['3.13+freethreaded', '3.13.1'],
    ['pypy', '3.10.16'],
    ['pypy3.10', '3.10.16'],
    ['pypy>=3.9', '3.10.16'],
    [`cpython-3.12.1-${platform}`, '3.12.1'],
    [`cpython-3.13.1+freethreaded-${platform}`, '3.13.1'],
  ])('%j is answered with %s', (wanted, version) => {
    expect(chooseRuntime(all, wanted).version).toBe(version);
  });

  test.each([
    ['3.', 'a dot too many'],
    ['3..12', 'two dots'],
    ['three', 'a word'],
    ['ironpython3.4', 'an implementation that nobody has'],
    ['-3.12', 'an option'],
    ['--help', 'an option'],
    ['>=', 'an operator alone'],
    ['=>3.11', 'an operator that does not exist'],
    ['>=3.11,,<4', 'two commas'],
    ['>=3.11; rm -rf /', 'a command'],
    ['3.12\n3.13', 'two lines'],
    ['3.12 || 3.13', 'an operator of another language'],
    [`3.${'1'.repeat(255)}`, 'a number too long'],
    ['>='.repeat(129), 'operators too many'],
  ])('%j is refused: %s', (wanted) => {
    expect(() => chooseRuntime(all, wanted)).toThrow(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT', message: expect.stringContaining('>=3.11,<3.14') }),
    );
  });

  test.each([
    ['3.14', '3.13.0 (another version)'],
    ['3.15', '3.15.0b1 (is a pre-release)'],
    ['3.12t', '3.12.1 (is not free-threaded)'],
    ['pypy3.9', '3.13.0 (is cpython)'],
    ['graalpy', '3.10.16 (is pypy)'],
    ['3.14', '/opt/broken (it ended with 1)'],
    ['3.14', '3.8.18 (version 3.8.18 is older than 3.9)'],
    ['cpython-3.12.1-macos-aarch64-none', '3.12.1 (is for linux-x86_64-gnu)'],
  ])('%j is not found, and it says why: %s', (wanted, why) => {
    expect(() => chooseRuntime(all, wanted)).toThrow(
      expect.objectContaining({
        reason: 'RUNTIME_NOT_FOUND',
        message: expect.stringContaining(why),
        metadata: { runtime: wanted },
      }),
    );
  });

  test('that only broken ones answer says what is wrong with each', () => {
    expect(() => chooseRuntime(all, '3.11')).toThrow(
      expect.objectContaining({ reason: 'RUNTIME_BROKEN', message: expect.stringContaining('3.11.7 (has no venv)') }),
    );
  });

  test('that only old ones answer says what is new enough', () => {
    expect(() => chooseRuntime(all, '<3.9')).toThrow(
      expect.objectContaining({
        reason: 'PYTHON_INCOMPATIBLE',
        message: expect.stringContaining('3.8.18 (version 3.8.18 is older than 3.9); take 3.9 or newer'),
      }),
    );
  });

  test('of a machine without any Python says so', () => {
    expect(() => chooseRuntime([], '3.12')).toThrow('no such Python runtime: "3.12"; found: none; install one');
  });
});

describe('an id', () => {
  test('is answered with its runtime', () => {
    expect(chooseRuntime(all, `cpython-3.10.13-${platform}-00000000`)).toBe(all[7]);
  });

  test.each([
    ['unknown-1', 'RUNTIME_BROKEN'],
    [`cpython-3.12.4-${platform}-00000000`, 'RUNTIME_BROKEN'],
    [`cpython-3.8.18-${platform}-00000000`, 'PYTHON_INCOMPATIBLE'],
  ])('%s is refused: %s', (id, reason) => {
    expect(() => chooseRuntime(all, id)).toThrow(expect.objectContaining({ reason }));
  });
});
