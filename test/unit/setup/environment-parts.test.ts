/** Small parts of environments: pins and what changes in them, what uv says on the way, which generations go, names. */
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChangeProgress } from '../../../src/venvs/changes/changes.ts';
import { createUvListener } from '../../../src/venvs/changes/uv-progress.ts';
import { retired } from '../../../src/venvs/generations/retire.ts';
import { installedPins, pinChanges } from '../../../src/venvs/installed/pins.ts';
import { measureFolders } from '../../../src/venvs/installed/sizes.ts';
import { createTestFolder } from '../../integration/setup/test-home.ts';

describe('what uv says', () => {
  test.each<[string, Partial<ChangeProgress> | undefined]>([
    ['Resolved 4 packages in 320ms', { phase: 'resolve', done: 4, total: 4, unit: 'packages' }],
    ['Downloading numpy (15.9MiB)', { phase: 'download', item: 'numpy', done: 0, total: 16_672_358, unit: 'bytes' }],
    [' Downloading numpy (1.0KiB)', { phase: 'download', item: 'numpy', total: 1024 }],
    ['   Building stone==1.0', { phase: 'build', item: 'stone==1.0' }],
    ['      Built stone==1.0', { phase: 'build', item: 'stone==1.0' }],
    ['Prepared 1 package in 2ms', { phase: 'download', done: 1, total: 1, unit: 'packages' }],
    ['Installed 12 packages in 9ms', { phase: 'install', done: 12, total: 12, unit: 'packages' }],
    [' + numpy==2.3.5', undefined],
    ['warning: something', undefined],
    ['', undefined],
  ])('%j', (line, expected) => {
    const heard: ChangeProgress[] = [];
    createUvListener((progress) => heard.push(progress))(line);
    expect(heard).toMatchObject(expected === undefined ? [] : [{ ...expected, message: line.trim() }]);
  });

  test('a download that is done is as large as it was announced', () => {
    const heard: ChangeProgress[] = [];
    const listen = createUvListener((progress) => heard.push(progress));
    listen('Downloading big (2.5MiB)');
    listen(' Downloaded big');
    expect(heard.at(-1)).toMatchObject({ item: 'big', done: 2_621_440, total: 2_621_440, unit: 'bytes' });
  });
});

test('what changed between two sets of pins is told by name', () => {
  const before = ['a==1.0', 'b==2.0', 'c @ https://example.org/c-1.whl'];
  const after = ['a==1.1', 'c @ https://example.org/c-2.whl', 'd==4.0'];
  expect(pinChanges(before, after)).toEqual([
    { name: 'a', oldVersion: '1.0', newVersion: '1.1' },
    { name: 'b', oldVersion: '2.0', newVersion: '' },
    { name: 'c', oldVersion: 'https://example.org/c-1.whl', newVersion: 'https://example.org/c-2.whl' },
    { name: 'd', oldVersion: '', newVersion: '4.0' },
  ]);
  expect(pinChanges(before, before)).toEqual([]);
});

test('the pins of a folder have one spelling of each name, and keep where a direct reference came from', async () => {
  await using folder = await createTestFolder();
  const sitePackages = join(folder.path, 'lib', 'python3.12', 'site-packages');
  for (const [name, url] of [
    ['Zope.Interface-6.0', ''],
    ['torch-2.0+cpu', ''],
    ['direct-1.0', '{"url": "https://example.org/direct-1.0.whl", "archive_info": {}}'],
    ['cloned-1.0', '{"url": "https://example.org/c", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'],
  ]) {
    mkdirSync(join(sitePackages, `${name}.dist-info`), { recursive: true });
    if (url !== '') writeFileSync(join(sitePackages, `${name}.dist-info`, 'direct_url.json'), url as string);
  }
  mkdirSync(join(sitePackages, 'not-a-package'));
  expect(await installedPins(folder.path)).toEqual([
    'cloned @ git+https://example.org/c@abc',
    'direct @ https://example.org/direct-1.0.whl',
    'torch==2.0+cpu',
    'zope-interface==6.0',
  ]);
  expect(await installedPins(join(folder.path, 'nothing'))).toEqual([]);
});

test.each([
  [{ generation: 5, onDisk: [1, 2, 3, 4, 5] }, [], 3, [1]],
  [{ generation: 5, onDisk: [1, 2, 3, 4, 5] }, [1], 2, [2]],
  [{ generation: 2, onDisk: [1, 2, 3] }, [], 1, [1]],
  [{ generation: 3, onDisk: [1, 2, 3] }, [], 0, [1, 2]],
  [{ generation: 1, onDisk: [1] }, [], 0, []],
])('of %j with %j held and %i kept go %j', (state, held, kept, expected) => {
  expect(retired(state, new Set(held), kept)).toEqual(expected);
});

test('bytes that others link to are shared, those linked only among the folders are not', async () => {
  await using folder = await createTestFolder();
  const [one, two, cache] = ['one', 'two', 'cache'].map((name) => join(folder.path, name)) as [string, string, string];
  for (const path of [one, two, cache]) mkdirSync(path);
  const block = Buffer.alloc(64 * 1024, 1);
  writeFileSync(join(one, 'own'), block);
  writeFileSync(join(cache, 'linked'), block);
  linkSync(join(cache, 'linked'), join(one, 'linked'));
  writeFileSync(join(one, 'both'), block);
  linkSync(join(one, 'both'), join(two, 'both'));
  const apart = await measureFolders([one]);
  expect(apart.sharedBytes).toBe(2 * block.length);
  const together = await measureFolders([one, two]);
  expect(together.sharedBytes).toBe(block.length);
  expect(together.exclusiveBytes).toBeGreaterThanOrEqual(2 * block.length);
  expect(await measureFolders([join(folder.path, 'nothing')])).toEqual({ exclusiveBytes: 0, sharedBytes: 0 });
});
