/** Handles that nobody needs any more: they ride along with the next batch, or go by themselves when none comes. */

/** What can be taken along at once. */
const maxReleases = 10_000;
/** How long handles wait for a batch. */
const patienceMs = 1000;

/** Handles to let go. */
export interface Releases {
  add(handleId: string): void;
  /** What goes along with a batch; `giveBack` when it did not arrive. */
  take(): string[];
  giveBack(handleIds: readonly string[]): void;
}

/** What it is made of. */
export interface ReleasesOptions {
  /** Lets handles go without a batch. */
  readonly send: (handleIds: string[]) => Promise<unknown>;
  /** Has work done before the client is closed; undone by what it returns. */
  readonly beforeClose: (work: () => Promise<unknown>) => () => void;
}

/** Makes it. */
export function createReleases({ send, beforeClose }: ReleasesOptions): Releases {
  let waiting: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let settle = () => {};

  const flush = async () => {
    const ids = take();
    if (ids.length > 0) await send(ids);
  };
  const take = () => {
    const ids = waiting.slice(0, maxReleases);
    waiting = waiting.slice(maxReleases);
    clearTimeout(timer);
    timer = undefined;
    settle();
    return ids;
  };
  const add = (handleId: string) => {
    waiting.push(handleId);
    if (timer !== undefined) return;
    settle = beforeClose(flush);
    timer = setTimeout(() => {
      // Lost on the way, they go with their session.
      flush().catch(() => {});
    }, patienceMs);
    // A program that has nothing else to do ends.
    (timer as { unref?(): void }).unref?.();
  };
  return {
    add,
    take,
    giveBack(handleIds) {
      for (const id of handleIds) add(id);
    },
  };
}
