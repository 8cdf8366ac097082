/** The caller's side of a call in both directions. */

/** What a test says, when it says it. */
export function speech<Said>(...first: Said[]) {
  const waiting = [...first];
  let wake = () => {};
  let isOver = false;
  return {
    say(...said: Said[]) {
      waiting.push(...said);
      wake();
    },
    end() {
      isOver = true;
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Said> {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as Said;
        if (isOver) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
