/** Percentiles and ratios of the bench. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, percentile, ratioOfMedians, summarize } from '../../../bench/statistics.ts';

describe('a percentile', () => {
  test.each([
    [[5], 0.99, 5],
    [[1, 2, 3, 4], 0.5, 2],
    [[4, 3, 2, 1], 0.95, 4],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
  ])('of %j at %d is %d', (samples, share, expected) => {
    expect(percentile(samples, share)).toBe(expected);
  });

  test('is always a sample, and no smaller for a larger share', () => {
    const samples = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        expect(values).toContain(percentile(values, share));
        expect(percentile(values, share)).toBeLessThanOrEqual(percentile(values, 1));
      }),
    );
  });

  test('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow('at least one');
  });
});

test('the median of an even number of samples lies between the two in the middle', () => {
  expect(median([1, 2, 4, 100])).toBe(3);
  expect(median([7, 9])).toBe(8);
});

test('a summary shows how far the rounds lie apart', () => {
  expect(
    summarize([
      [1, 1, 1],
      [2, 2, 2],
      [9, 9, 9],
    ]),
  ).toMatchObject({ n: 9, p50: 2, lowestRound: 1, highestRound: 9 });
});

describe('a ratio', () => {
  test('does not change when a slow minute meets both alike', () => {
    const ours = [
      [2, 2],
      [20, 20],
      [2, 2],
    ];
    const theirs = [
      [1, 1],
      [10, 10],
      [1, 1],
    ];
    expect(ratioOfMedians(ours, theirs)).toEqual({ value: 2, low: 2, high: 2 });
  });

  test('is that of the middle round, with the quartiles beside it', () => {
    const ours = [[1], [2], [3], [4], [50]];
    const theirs = [[1], [1], [1], [1], [1]];
    expect(ratioOfMedians(ours, theirs)).toEqual({ value: 3, low: 2, high: 4 });
  });

  test('of different numbers of rounds is refused', () => {
    expect(() => ratioOfMedians([[1]], [[1], [2]])).toThrow('must be the same');
  });
});
