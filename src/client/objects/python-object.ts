/** What live objects look like here. */
import type { ResultOptions } from '../execute-request.ts';
import type { NdArray } from '../values/array.ts';
import type { BatchOptions } from './scope.ts';
import type { TransferOptions } from './transfer.ts';

/** How a value is fetched. */
export interface ValueOptions extends BatchOptions, Omit<ResultOptions, 'form'> {
  /** Told of each conversion that lost something, as in "result[1]: numpy.float64 became float". */
  readonly onNote?: (note: string) => void;
}

/** How items are fetched. */
export interface ItemsOptions extends BatchOptions {
  /** Items in one trip; 100 unless named. */
  readonly pageSize?: number;
  /** A page is answered with what is there after so long. */
  readonly maxWaitMs?: number;
}

/** How an object is described. */
export interface DescribeOptions extends BatchOptions {
  /** Also its attributes. */
  readonly attributes?: boolean;
}

/** What an object is. */
export interface Description {
  /** Such as "numpy.ndarray". */
  readonly typeName: string;
  /** Its repr, bounded. */
  readonly text: string;
  readonly documentation: string;
  /** Such as "(a, b=1)"; empty: not known, or it cannot be called. */
  readonly signature: string;
  readonly callable: boolean;
  readonly iterable: boolean;
  readonly awaitable: boolean;
  /** Where they were asked for. */
  readonly attributes: readonly { readonly name: string; readonly typeName: string; readonly callable: boolean }[];
}

/** A context manager that was entered: `await using` leaves it. */
export interface EnteredContext extends AsyncDisposable {
  /** What `as` gives in Python. */
  // biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
  readonly value: any;
  /**
   * Leaves it, by an error where there is one; answers whether the manager took the error for handled. One whose session
   * has ended is left already.
   */
  exit(error?: unknown, options?: BatchOptions): Promise<boolean>;
}

/** What a live object says of itself without a trip. */
export interface ObjectFacts {
  readonly id: string;
  /** Such as "numpy.ndarray". */
  readonly typeName: string;
  /** A short text, made without code of the object's. */
  readonly text: string;
  /** Of an array or a table. */
  readonly shape: readonly number[];
}

/** What every path and every object has beside its attributes: no name of Python begins with `$`. */
export interface ObjectOperations {
  /** Its exact value. Throws CONVERSION_FAILED with the path of what has none. */
  // biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
  $value<T = any>(options?: ValueOptions): Promise<T>;
  /** The live object, whatever it is: to hold it, and use it again. */
  $handle(options?: BatchOptions): Promise<PythonObject>;
  /** `object[key]`. */
  $item(key: unknown): PythonPath;
  /** An attribute whose name means something else here: `then`, `toJSON`. */
  $attribute(name: string): PythonPath;
  /** What a coroutine gives: it is awaited in the session. */
  $await(): PythonPath;
  /** `object[key] = value`. */
  $setItem(key: unknown, value: unknown, options?: BatchOptions): Promise<void>;
  /** `del object[key]`. */
  $deleteItem(key: unknown, options?: BatchOptions): Promise<void>;
  /** `object.name = value`. */
  $setAttribute(name: string, value: unknown, options?: BatchOptions): Promise<void>;
  /** `del object.name`. */
  $deleteAttribute(name: string, options?: BatchOptions): Promise<void>;
  /** `len(object)`. */
  $length(options?: BatchOptions): Promise<number>;
  /** Type, text, documentation, signature; `attributes: true` for those, too. */
  $describe(options?: DescribeOptions): Promise<Description>;
  /** Its items, some in each trip: what `for await` does. */
  // biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
  $items(options?: ItemsOptions): AsyncGenerator<any, void, undefined>;
  /** An array in chunks, whatever its size, order and strides; also of nested lists of numbers. */
  $readArray(options?: TransferOptions): Promise<NdArray>;
  /** The memory of a bytes-like object in chunks; a text as UTF-8. */
  $readBytes(options?: TransferOptions): Promise<Uint8Array>;
  /** A table in chunks, as an Arrow IPC stream: `tableFromIPC(await frame.$readArrow())`. Needs pyarrow there. */
  $readArrow(options?: TransferOptions): Promise<Uint8Array>;
  /** A table in chunks, as an object with a list for each column. */
  $readColumns(options?: TransferOptions): Promise<unknown>;
  /** Enters a context manager; leave it by `await using`, or `exit`. */
  $enter(options?: BatchOptions): Promise<EnteredContext>;
  /**
   * Enters a context manager, runs `body`, and leaves it, by the error that `body` throws. Where leaving throws as well,
   * a SuppressedError has both.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
  $with<T>(body: (value: any) => Promise<T> | T, options?: BatchOptions): Promise<T | undefined>;
}

/** Every other name is an attribute of Python's, and a path of its own. */
interface Attributes {
  // biome-ignore lint/suspicious/noExplicitAny: paths, which would be "possibly undefined" under noUncheckedIndexedAccess
  readonly [name: string]: any;
}

/** Calls, and what is a path although JavaScript has it, too. */
interface Further {
  (...args: readonly unknown[]): PythonPath;
  /** What it is, for people, as `String` and templates have it; sends nothing. Arithmetic with it is refused. */
  [Symbol.toPrimitive](hint: string): string;
  // What every function of JavaScript has is an attribute of Python's like any other.
  readonly name: PythonPath;
  readonly length: PythonPath;
  readonly apply: PythonPath;
  readonly call: PythonPath;
  readonly bind: PythonPath;
  readonly caller: PythonPath;
  readonly arguments: PythonPath;
  readonly prototype: PythonPath;
  readonly toString: PythonPath;
  // biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
  [Symbol.asyncIterator](): AsyncGenerator<any, void, undefined>;
}

/**
 * Something to be done in a session: nothing of it is sent before it is awaited, and then all of it in one trip. It
 * gives a value where that is exact, and a live object otherwise. An async function that returns one does it.
 */
// biome-ignore lint/suspicious/noExplicitAny: what Python gives, its caller alone knows
export type PythonPath = PromiseLike<any> & ObjectOperations & Further & Attributes;

/** A live object of a session. It is not thenable: hand it around, and let it go by `await using` or `$release()`. */
export type PythonObject = AsyncDisposable &
  ObjectOperations &
  Further & {
    /** What is known of it here. */
    readonly $facts: ObjectFacts;
    /** Lets it go, with the next trip. */
    $release(): void;
  } & Attributes;
