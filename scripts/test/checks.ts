import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeProgram, root, testPython } from './places.ts';

/** A program that reads the code and ends with 0 if it finds nothing wrong. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Format, lint and types of both languages. */
export function checks(): Check[] {
  const python = ['beep_session', 'beep_worker', 'beep_python_client', 'tests'].map((name) => `python/${name}`);
  const packages = python.filter(holdsPython);
  const ofNode = (name: string, path: string, ...args: string[]): Check => ({
    name,
    command: process.execPath,
    args: [nodeProgram(path), ...args],
  });
  const ofPython = (name: string, ...args: string[]): Check => ({ name, command: testPython, args: ['-m', ...args] });
  return [
    ofNode('biome', '@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
    ofNode('tsc', 'typescript/bin/tsc', '-p', 'tsconfig.json'),
    ofPython('ruff check', 'ruff', 'check', '--quiet', 'python'),
    ofPython('ruff format', 'ruff', 'format', '--check', '--quiet', 'python'),
    ofPython('mypy', 'mypy', '--no-error-summary', ...packages),
  ];
}

/** mypy takes a folder without any Python for a mistake. */
function holdsPython(folder: string): boolean {
  const path = join(root, folder);
  return (
    existsSync(path) && readdirSync(path, { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.py'))
  );
}
