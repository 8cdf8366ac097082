/** A watch of the host, as the scenarios read it. */
import { expect } from 'vitest';
import { CallFailed, type Client, type HostEvent } from './client.ts';

/** A watch that has been told what there was. */
export async function watchHost(client: Client) {
  const departure = new AbortController();
  const stream = client.watchHost?.({ signal: departure.signal })[Symbol.asyncIterator]();
  if (stream === undefined) throw new Error('this transport has no WatchHost');
  const next = async (): Promise<HostEvent> => {
    const { value, done } = await stream.next();
    if (done) throw new Error('the watch has ended');
    return value;
  };
  /** The next of this kind that is about this; what else happens on the host is of other scenarios. */
  const until = async (kind: string, subject?: string): Promise<HostEvent> => {
    for (;;) {
      const event = await next();
      if (event.kind === kind && (subject === undefined || event.subject === subject)) return event;
    }
  };
  const before: HostEvent[] = [];
  for (let event = await next(); event.kind !== 'watch.begun'; event = await next()) before.push(event);
  return {
    /** What there was. */
    before,
    next,
    until,
    async [Symbol.asyncDispose]() {
      departure.abort();
      // What was on its way still comes; then there is nothing more.
      const end = (async () => {
        for (;;) await next();
      })();
      await expect(end).rejects.toBeInstanceOf(CallFailed);
    },
  };
}
