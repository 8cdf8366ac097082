/** What is remembered of an execution id, which is for a day. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClaims, type Place } from '../../../src/services/claims.ts';
import type { Attachment } from '../../../src/workers/attachment.ts';
import type { WorkerLink } from '../../../src/workers/link.ts';

const request = Buffer.from('request');

/** A place whose stream is over when the test says so. */
function createPlace() {
  const over = Promise.withResolvers<void>();
  const attachment = { hasEnded: false, whenEnded: over.promise } as Attachment;
  const place: Place = { sessionId: 's', attachment, link: {} as WorkerLink };
  return { place, end: over.resolve };
}

test('a retry finds the stream of its execution as long as there is one, and its session and worker afterwards', async () => {
  const claims = createClaims();
  const { place, end } = createPlace();
  const again = () => claims.place('ann', 'x', request, () => Promise.reject(new Error('placed twice')));
  await claims.place('ann', 'x', request, async () => place);
  expect(await again()).toBe(place);
  end();
  await setImmediate();
  expect(await again()).toEqual({ sessionId: 's', attachment: undefined, link: place.link });
});

test('an id whose place was not found may be used again', async () => {
  const claims = createClaims();
  const { place } = createPlace();
  const refused = claims.place('ann', 'x', request, () => Promise.reject(new Error('full')));
  await expect(claims.place('ann', 'x', request, async () => place)).rejects.toThrow('full');
  await expect(refused).rejects.toThrow('full');
  expect(claims.find('ann', 'x')).toBeUndefined();
  expect(await claims.place('ann', 'x', request, async () => place)).toBe(place);
});

test('another request under the same id is refused, also when the first is over', async () => {
  const claims = createClaims();
  const { place, end } = createPlace();
  await claims.place('ann', 'x', request, async () => place);
  end();
  await setImmediate();
  await expect(claims.place('ann', 'x', Buffer.from('another'), async () => place)).rejects.toThrow(/x/);
  expect(await claims.place('bob', 'x', Buffer.from('another'), async () => place)).toBe(place);
});

test('the oldest ids are forgotten when there are more than are kept', async () => {
  const claims = createClaims(3);
  const { place } = createPlace();
  for (const id of ['a', 'b', 'c', 'd']) await claims.place('ann', id, request, async () => place);
  const known = ['a', 'b', 'c', 'd'].filter((id) => claims.find('ann', id) !== undefined);
  expect(known).toEqual(['b', 'c', 'd']);
});
