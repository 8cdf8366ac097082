import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryLock, waitForLock } from '../../../src/venvs/changes/lock.ts';
import { createTestFolder, root, sharedAdminFolder } from './test-home.ts';

const python = join(sharedAdminFolder(), 'bin', 'python');

/** A process of its own that holds a lock, and starts a child that outlives it. */
async function startHolder(path: string) {
  const program = `
    import { spawn } from 'node:child_process';
    import { tryLock } from ${JSON.stringify(join(root, 'src', 'venvs', 'changes', 'lock.ts'))};
    const lock = await tryLock(${JSON.stringify(path)}, ${JSON.stringify(python)});
    const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    console.log(JSON.stringify({ isHeld: lock !== undefined, childPid: child.pid }));
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(holder.stdout, 'data');
  return { holder, ...(JSON.parse(String(line)) as { isHeld: boolean; childPid: number }) };
}

test('a lock has one holder, until it is released', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'deep', 'lock');
  const first = await tryLock(path, python);
  expect(first).toBeDefined();
  expect(await tryLock(path, python)).toBeUndefined();
  first?.release();
  first?.release();
  using second = await tryLock(path, python);
  expect(second).toBeDefined();
});

test('of many who want a lock at once one gets it', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'lock');
  const locks = await Promise.all(Array.from({ length: 8 }, () => tryLock(path, python)));
  const held = locks.filter((lock) => lock !== undefined);
  expect(held).toHaveLength(1);
  held[0]?.release();
});

test('a lock is free at once when its holder is killed, though a child of the holder lives on', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'lock');
  const { holder, isHeld, childPid } = await startHolder(path);
  try {
    expect(isHeld).toBe(true);
    expect(await tryLock(path, python)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    using lock = await tryLock(path, python);
    expect(lock).toBeDefined();
  } finally {
    holder.kill('SIGKILL');
    process.kill(childPid, 'SIGKILL');
  }
});

test('whoever waits for a lock gets it when it is free, one after the other', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'lock');
  const first = await waitForLock(path, python);
  let holders = 0;
  const waiting = Promise.all(
    Array.from({ length: 3 }, async () => {
      using _lock = await waitForLock(path, python);
      expect(++holders).toBe(1);
      await new Promise(setImmediate);
      holders--;
    }),
  );
  first.release();
  await waiting;
});

test('waiting for a lock can be given up', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'lock');
  using _lock = await waitForLock(path, python);
  const stop = new AbortController();
  const waiting = waitForLock(path, python, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow('abort');
});

test('where the system has no flock, a lock is the same lock', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'lock');
  const program = `
    import { tryLock } from ${JSON.stringify(join(root, 'src', 'venvs', 'changes', 'lock.ts'))};
    const [first, second] = [await tryLock(${JSON.stringify(path)}, ${JSON.stringify(python)}), await tryLock(${JSON.stringify(path)}, ${JSON.stringify(python)})];
    console.log(first !== undefined && second === undefined);
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: folder.path },
  });
  try {
    const [line] = await once(holder.stdout, 'data');
    expect(String(line)).toBe('true\n');
    expect(await tryLock(path, python)).toBeUndefined();
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
  using lock = await tryLock(path, python);
  expect(lock).toBeDefined();
});
