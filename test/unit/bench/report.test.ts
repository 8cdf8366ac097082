/** From samples to what is written down. */
import { expect, test } from 'vitest';
import { withTable } from '../../../bench/keep.ts';
import type { Measure } from '../../../bench/measure.ts';
import { type Report, sectionOf, verdictsOf } from '../../../bench/report.ts';
import { tableOf } from '../../../bench/table.ts';

const measure = {
  id: 'live-call',
  title: 'Calls',
  unit: 'ms',
  comparisons: [{ id: 'live-call', ours: 'we', peers: ['slow peer', 'fast peer'] }],
} as unknown as Measure;
const rounds = new Map([
  ['we', [[3], [3]]],
  ['slow peer', [[4], [4]]],
  ['fast peer', [[2], [2]]],
]);
const report: Report = {
  measuredAt: '2026-01-02T03:04:05.000Z',
  isQuick: false,
  machine: {
    cpu: 'A CPU',
    cores: 2,
    memoryGiB: 4,
    kernel: 'k',
    node: '24',
    python: '3.13',
    workerPython: '3.12',
    packages: { grpcio: '1' },
  },
  load: [0.5, 1],
  sections: [sectionOf(measure, rounds)],
  verdicts: verdictsOf(measure, rounds),
};

test('the faster peer counts', () => {
  expect(report.verdicts).toEqual([
    { id: 'live-call', ours: 'we', peer: 'fast peer', value: 1.5, low: 1.5, high: 1.5 },
  ]);
});

test('of calls per second the peer with more counts', () => {
  const [verdict] = verdictsOf({ ...measure, unit: 'calls/s' }, rounds);
  expect(verdict?.peer).toBe('slow peer');
});

test('the table says what was reached, by whom it was measured, and on what', () => {
  const table = tableOf(report);
  expect(table).toContain('| **1.5x** | 1.5x - 1.5x | 1.6x | 0.8x | reached |');
  expect(table).toContain('| fast peer | 2 | 2 | 2 | 2 | 2 - 2 |');
  expect(table).toContain('A CPU, 2 cores, 4 GiB');
});

test('a missed ratio stands out', () => {
  const missed = { ...report, verdicts: report.verdicts.map((verdict) => ({ ...verdict, value: 2 })) };
  expect(tableOf(missed)).toContain('**missed**');
});

test('the table goes between its marks, and what stands around it stays', () => {
  const page = 'before\n<!-- figures: written by the bench -->\nold\n<!-- end of figures -->\nafter\n';
  const once = withTable(page, 'new');
  expect(once).toContain('new');
  expect(once).not.toContain('old');
  expect(once).toMatch(/^before\n[\s\S]*after\n$/);
  expect(withTable(once, 'new')).toBe(once);
});

test('a page without a place for the table is refused', () => {
  expect(() => withTable('no marks', 'table')).toThrow('no place for the table');
});
