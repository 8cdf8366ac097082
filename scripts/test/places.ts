import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** A program of the Python environment that tests and checks run in. */
export const testPython = join(root, '.cache', 'test-venv', 'bin', 'python');

/** Where a suite leaves its report. */
export function reportPath(name: string): string {
  return join(root, '.cache', 'test', name);
}

/** A program of a package in node_modules, which runs on this Node. */
export function nodeProgram(path: string): string {
  return join(root, 'node_modules', path);
}
