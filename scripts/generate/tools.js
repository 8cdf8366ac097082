import { delimiter, dirname, join } from 'node:path';

/** The environment that buf and its plugins run in: our own programs first, and nothing that asks a network. */
export function toolEnvironment(root, pythonPrograms) {
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), pythonPrograms, process.env.PATH];
  return { ...process.env, PATH: path.filter(Boolean).join(delimiter) };
}
