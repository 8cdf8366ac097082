import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run, runScript } from './program.ts';

// An index and an object store of our own: git can hold an earlier contract, and the repository knows nothing of it.
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'beep-breaking-'));
  const objects = (await run('git', ['rev-parse', '--path-format=absolute', '--git-path', 'objects'])).output.trim();
  env = {
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
  };
  mkdirSync(join(folder, 'objects'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the contract serves those who were written against the last release', async () => {
  const { code, output } = await runScript('breaking.js');
  expect(output).toMatch(/^(there is no release yet: nothing can be broken|nothing breaks against v\d)/);
  expect(code).toBe(0);
});

test('the contract breaks nothing against itself', async () => {
  const tree = await contractWith((text) => text);
  expect(await runScript('breaking.js', [tree], env)).toEqual({ code: 0, output: `nothing breaks against ${tree}\n` });
});

test('a field whose type has changed is found', async () => {
  const tree = await contractWith((text) => text.replace('string version = 1;', 'bytes version = 1;'));
  const { code, output } = await runScript('breaking.js', [tree], env);
  expect(output).toMatch(/host\.proto:.*"version" on message "GetHostResponse" changed type from "bytes" to "string"/);
  expect(code).not.toBe(0);
});

test('a reference that does not exist is named, with what to name instead', async () => {
  const { code, output } = await runScript('breaking.js', ['no-such-tag']);
  expect(output).toContain('there is no contract at no-such-tag; name a commit, branch or tag');
  expect(code).toBe(1);
});

/** Id of a tree that holds the contract with another host.proto. */
async function contractWith(change: (text: string) => string): Promise<string> {
  const path = 'proto/beep/python/v1/host.proto';
  const changed = join(folder, 'host.proto');
  writeFileSync(changed, change(readFileSync(join(root, path), 'utf8')));
  await git('add', 'buf.yaml', 'proto');
  const blob = await git('hash-object', '-w', changed);
  await git('update-index', '--cacheinfo', `100644,${blob},${path}`);
  return git('write-tree');
}

async function git(...args: string[]): Promise<string> {
  const { code, output } = await run('git', args, env);
  expect({ args, code, output }).toMatchObject({ code: 0 });
  return output.trim();
}
