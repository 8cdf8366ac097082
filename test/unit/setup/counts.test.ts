import { describe, expect, test } from 'vitest';
import { failed, sum, withExitCode } from '../../../scripts/test/counts.ts';
import { pytestCounts } from '../../../scripts/test/pytest.ts';
import { selection } from '../../../scripts/test/selection.ts';
import { vitestCounts } from '../../../scripts/test/vitest.ts';

const counts = (passed: number, failed = 0, skipped = 0) => ({ passed, failed, skipped });

test('the total counts all suites', () => {
  expect(sum([counts(1, 2, 3), counts(4, 5, 6)])).toEqual(counts(5, 7, 9));
});

test.each([
  ['nothing ran', counts(0), true],
  ['everything was skipped', counts(0, 0, 5), true],
  ['one failed', counts(5, 1), true],
  ['some passed', counts(5, 0, 1), false],
])('when %s the run has failed: %j %s', (_, total, expected) => {
  expect(failed(total)).toBe(expected);
});

test('a suite that ends badly has failed even if none of its tests has', () => {
  expect(withExitCode(counts(3), 1)).toEqual(counts(3, 1));
  expect(withExitCode(counts(3, 2), 1)).toEqual(counts(3, 2));
  expect(withExitCode(counts(3), 0)).toEqual(counts(3));
});

test("pytest's report: errors count as failures", () => {
  const report =
    '<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.0">';
  expect(pytestCounts(report)).toEqual(counts(4, 3, 3));
});

test("vitest's report", () => {
  const report = JSON.stringify({
    numTotalTests: 7,
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
  });
  expect(vitestCounts(report)).toEqual(counts(3, 1, 3));
});

describe('arguments select files', () => {
  test.each([
    [[], [], [], true],
    [['test/unit/config.test.ts'], ['test/unit/config.test.ts'], [], false],
    [['config'], ['config'], [], false],
    [['python/tests/test_values.py::test_x'], [], ['python/tests/test_values.py::test_x'], false],
    [['./python/tests', 'config'], ['config'], ['./python/tests'], false],
    [['test/unit/python-values.test.ts'], ['test/unit/python-values.test.ts'], [], false],
  ])('%j', (args, vitest, pytest, isAll) => {
    expect(selection(args)).toEqual({ vitest, pytest, isAll });
  });
});
