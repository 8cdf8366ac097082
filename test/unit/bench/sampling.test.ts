/** Who takes samples when. */
import { expect, test } from 'vitest';
import { alternate, type Contender } from '../../../bench/sampling.ts';

test('contenders take turns, every other round backwards, and samples of the warm-up do not count', async () => {
  const order: string[] = [];
  const contender = (name: string): Contender => ({ name, sample: async () => order.push(name) });
  const rounds = await alternate([contender('a'), contender('b')], { rounds: 2, perRound: 2, warmUp: 1 });
  expect(order.join('')).toBe('ab' + 'aabb' + 'bbaa');
  expect(rounds.get('a')).toEqual([
    [3, 4],
    [9, 10],
  ]);
  expect(rounds.get('b')).toEqual([
    [5, 6],
    [7, 8],
  ]);
});

test('a contender that gives a wrong answer ends the measure', async () => {
  const wrong: Contender = { name: 'wrong', sample: () => Promise.reject(new Error('1+1 gave 3')) };
  await expect(alternate([wrong], { rounds: 1, perRound: 1, warmUp: 0 })).rejects.toThrow('1+1 gave 3');
});
