/** Work that tells how far it has come, as a stream: progress while it runs, and what came of it last. */

/** More news than this that nobody has read and the oldest are forgotten: how far it had come then matters to nobody. */
const maxWaiting = 100;

/** What a stream of updates carries. */
export type Update<Progress, Result> = { readonly progress: Progress } | { readonly result: Result };

/** Starts the work when the first update is asked for; throws what it throws, after the news that came before. */
export async function* updatesOf<Progress, Result>(
  work: (onProgress: (progress: Progress) => void) => Promise<Result>,
): AsyncGenerator<Update<Progress, Result>> {
  let waiting: Progress[] = [];
  let wake = () => {};
  let end: { readonly result: Result } | { readonly error: unknown } | undefined;
  const finish = (how: typeof end) => {
    end = how;
    wake();
  };
  work((progress) => {
    waiting = [...waiting.slice(1 - maxWaiting), progress];
    wake();
  }).then(
    (result) => finish({ result }),
    (error) => finish({ error }),
  );
  for (;;) {
    const news = waiting;
    waiting = [];
    for (const progress of news) yield { progress };
    if (waiting.length > 0) continue;
    if (end !== undefined) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  if ('error' in end) throw end.error;
  yield end;
}
