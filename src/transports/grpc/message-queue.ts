/** Messages that have come in and wait for the handler; when it is slow, the caller is told to wait. */

/** Turns what is pushed into what is iterated. At most one reader. */
export class MessageQueue<T> implements AsyncIterableIterator<T> {
  readonly #waiting: (T | Promise<T>)[] = [];
  readonly #onEmpty: () => void;
  #reader:
    | { resolve: (result: IteratorResult<T> | Promise<IteratorResult<T>>) => void; reject: (error: unknown) => void }
    | undefined;
  #end: { error: unknown } | undefined;

  /** `onEmpty` is called when the reader has taken all that there was. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get length(): number {
    return this.#waiting.length;
  }

  push(item: T | Promise<T>): void {
    if (this.#end !== undefined) return;
    const reader = this.#reader;
    if (reader === undefined) {
      // Nobody awaits it yet; whoever does gets the error.
      if (item instanceof Promise) item.catch(() => {});
      this.#waiting.push(item);
      return;
    }
    this.#reader = undefined;
    settle(item, reader);
  }

  /** No more comes; with an error, the reader gets it after what waits. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) return;
    if (error === undefined) reader.resolve({ value: undefined, done: true });
    else reader.reject(error);
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#waiting.shift();
    if (item !== undefined) {
      if (this.#waiting.length === 0) this.#onEmpty();
      return Promise.resolve(item).then((value) => ({ value, done: false }));
    }
    if (this.#end !== undefined) {
      return this.#end.error === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(this.#end.error);
    }
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function settle<T>(
  item: T | Promise<T>,
  reader: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void },
) {
  if (item instanceof Promise) item.then((value) => reader.resolve({ value, done: false }), reader.reject);
  else reader.resolve({ value: item, done: false });
}
