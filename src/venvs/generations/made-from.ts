/** Which environments stand on which interpreters. */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { adminName, environmentFolder, generationNumber, type HomeLayout } from '../layout.ts';

/**
 * Names of environments by the interpreter that they were made from, with every link followed. Generations that are kept
 * count too: sessions may run on them, and a rollback may put them in force. What is recorded does not matter here, only
 * what the links on the disk point to.
 */
export async function environmentsByInterpreter(layout: HomeLayout): Promise<Map<string, string[]>> {
  const names = (await readdir(layout.envs).catch(() => [])).sort();
  const used = new Map<string, Set<string>>();
  const add = async (name: string, python: string) => {
    const real = await realpath(python).catch(() => undefined);
    if (real === undefined) return;
    const of = used.get(real) ?? new Set();
    used.set(real, of.add(name));
  };
  await Promise.all([
    add(adminName, layout.adminPython),
    ...names.map(async (name) => {
      const folder = environmentFolder(layout, name);
      const generations = (await readdir(folder).catch(() => [])).filter((one) => generationNumber(one) !== undefined);
      await Promise.all(generations.map((generation) => add(name, join(folder, generation, 'bin', 'python'))));
    }),
  ]);
  return new Map([...used].map(([path, of]) => [path, [...of].sort()]));
}
