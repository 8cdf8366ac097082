/** `bench/check`: the figures of a run against those that are wanted. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Wanted } from '../../../bench/wanted.ts';

const bench = join(import.meta.dirname, '..', '..', '..', 'bench');
const wanted = JSON.parse(readFileSync(join(bench, 'wanted.json'), 'utf8')) as Wanted[];
const folder = mkdtempSync(join(tmpdir(), 'bench-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(verdicts: readonly { id: string; value: number }[]) {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify({ verdicts }));
  const { status, stdout } = spawnSync(process.execPath, [join(bench, 'check'), path], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const reached = wanted.map(({ id, reach }) => ({ id, value: reach }));

test('ends with 0 when every ratio is just what is wanted', () => {
  const { status, lines } = check(reached);
  expect(lines).toHaveLength(wanted.length);
  expect(status).toBe(0);
});

test.each(wanted)('ends with 1 when this one is missed: $what', ({ id, bound, reach }) => {
  const value = bound === 'at least' ? reach * 0.99 : reach * 1.01;
  const { status, lines } = check(reached.map((each) => (each.id === id ? { id, value } : each)));
  expect(lines.filter((line) => line.startsWith('missed'))).toHaveLength(1);
  expect(status).toBe(1);
});

test('ends with 1 when one was not measured', () => {
  const { status, lines } = check(reached.slice(1));
  expect(lines[0]).toContain('not measured');
  expect(status).toBe(1);
});
