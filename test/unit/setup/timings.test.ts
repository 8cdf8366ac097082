import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/test/places.ts';
import {
  longestTable,
  pytestTimings,
  type Timing,
  timingsTable,
  vitestTimings,
} from '../../../scripts/test/timings.ts';

test("pytest's report: every test by its file, and how it ended", () => {
  const report = [
    '<testsuites><testsuite name="pytest" tests="4">',
    '<testcase classname="python.tests.test_a" name="test_x[&quot;a &gt; b&quot;&#10;c]" time="1.5" />',
    '<testcase classname="python.tests.test_a" name="test_y" time="0.1"><failure message="no">>no\n</failure></testcase>',
    '<testcase classname="python.tests.test_a" name="test_y" time="0.2"><error message="no">no</error></testcase>',
    '<testcase classname="python.tests.w.test_b" name="test_z" time="0.0"><skipped message="x" /></testcase>',
    '</testsuite></testsuites>',
  ].join('');
  expect(pytestTimings(report)).toEqual([
    { file: 'python/tests/test_a.py', name: 'test_x["a > b" c]', status: 'passed', seconds: 1.5 },
    { file: 'python/tests/test_a.py', name: 'test_y', status: 'failed', seconds: 0.1 },
    { file: 'python/tests/test_a.py', name: 'test_y', status: 'failed', seconds: 0.2 },
    { file: 'python/tests/w/test_b.py', name: 'test_z', status: 'skipped', seconds: 0 },
  ]);
});

test("vitest's report", () => {
  const assertionResults = [
    { fullName: 'a', status: 'passed', duration: 2000 },
    { fullName: 'b', status: 'todo' },
  ];
  const report = JSON.stringify({ testResults: [{ name: join(root, 'test', 'x.soak.ts'), assertionResults }] });
  expect(vitestTimings(report)).toEqual([
    { file: 'test/x.soak.ts', name: 'a', status: 'passed', seconds: 2 },
    { file: 'test/x.soak.ts', name: 'b', status: 'skipped', seconds: 0 },
  ]);
});

test('what took longest comes first, files and then tests, and no more than is wanted', () => {
  const timing = (file: string, name: string, seconds: number): Timing => ({ file, name, seconds, status: 'passed' });
  const table = longestTable([timing('a', 'x', 1), timing('b', 'y', 2.5), timing('a', 'z', 2), timing('c', 'w', 0)], 2);
  expect(table.split('\n').map((line) => line.trim())).toEqual(['3.0 s  a', '2.5 s  b', '2.5 s  b: y', '2.0 s  a: z']);
});

test('the table has a line for each file, and one for each test that failed or took long', () => {
  const timing = (file: string, name: string, seconds: number, status: Timing['status'] = 'passed') => ({
    file,
    name,
    seconds,
    status,
  });
  const table = timingsTable([
    timing('a', 'short', 1),
    timing('b', 'wrong', 2, 'failed'),
    timing('a', 'long', 90),
    timing('b', 'absent', 0, 'skipped'),
  ]);
  expect(table.split('\n').map((line) => line.trim())).toEqual([
    '',
    '1:31  a: 2 passed',
    '1:30    long',
    '0:02  b: 1 failed, 1 skipped',
    '0:02    FAIL wrong',
  ]);
});
