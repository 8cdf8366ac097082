/**
 * JavaScript's values as Python's: exact, or refused with the path of the part before anything is sent. Live objects
 * inside are left open: what they are called is known only when a batch is put together.
 */
import { create } from '@bufbuild/protobuf';
import { NoneValueSchema, type PythonValue, ScalarSchema, TensorSchema } from '../../gen/es/beep/python/v1/value_pb.ts';
import { BeepError } from '../beep-error.ts';
import { fromTypedArray, NdArray } from './array.ts';
import { toBase64 } from './base64.ts';
import { scalarOf } from './dates.ts';
import { Float, FrozenSet, Scalar, Tuple } from './kinds.ts';
import { encodeSurrogates } from './surrogates.ts';

/** A value as a message has it. */
export type ValueKind = Exclude<PythonValue['kind'], { case: undefined }>;

/** What a value became. */
export type Encoded<Live> =
  | { readonly is: 'value'; readonly kind: ValueKind }
  /** A live object itself. */
  | { readonly is: 'live'; readonly live: Live }
  /** A container with live objects inside: JSON text with gaps where they are. */
  | { readonly is: 'open'; readonly pieces: readonly (string | Live)[] };

/** Tells a live object from a value; undefined for values. */
export type LiveOf<Live> = (value: unknown) => Live | undefined;

/** The gateway refuses what is nested deeper. */
const maxLevels = 200;

/** A value for a message. `path` is what the caller knows it by, such as `args[0]`. Throws CONVERSION_FAILED. */
export function encode<Live>(value: unknown, path: string, liveOf: LiveOf<Live>): Encoded<Live> {
  const live = liveOf(value);
  if (live !== undefined) return { is: 'live', live };
  const kind = plainKind(value) ?? objectKind(value, path);
  if (kind !== undefined) return { is: 'value', kind };
  const writer = new Writer(liveOf);
  writer.write(value, path, 0);
  const pieces = writer.end();
  if (pieces.length === 1 && typeof pieces[0] === 'string') {
    return { is: 'value', kind: { case: 'json', value: pieces[0] } };
  }
  return { is: 'open', pieces };
}

function plainKind(value: unknown): ValueKind | undefined {
  switch (typeof value) {
    case 'boolean':
      return { case: 'boolean', value };
    case 'number':
      return isInteger(value) ? { case: 'integer', value: BigInt(value) } : { case: 'real', value };
    case 'bigint':
      return BigInt.asIntN(64, value) === value
        ? { case: 'integer', value }
        : { case: 'bigInteger', value: String(value) };
    case 'string':
      return value.isWellFormed()
        ? { case: 'text', value }
        : { case: 'json', value: JSON.stringify({ $str: toBase64(encodeSurrogates(value)) }) };
    default:
      return value === null ? { case: 'none', value: create(NoneValueSchema) } : undefined;
  }
}

function objectKind(value: unknown, path: string): ValueKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Float) return { case: 'real', value: value.value };
  const binary = bytesOf(value);
  if (binary !== undefined) return { case: 'binary', value: binary };
  const array = value instanceof NdArray ? value : fromTypedArray(value);
  if (array !== undefined) {
    const shape = array.shape.map(BigInt);
    return { case: 'tensor', value: create(TensorSchema, { dtype: array.dtype, shape, data: array.bytes }) };
  }
  const scalar = value instanceof Scalar ? value : scalarIn(value, path);
  if (scalar === undefined) return undefined;
  return { case: 'scalar', value: create(ScalarSchema, { typeName: scalar.typeName, text: scalar.text }) };
}

/** An integer of Python's; beyond 2^53 a number says nothing exact any more, and stays a float. */
function isInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0);
}

function bytesOf(value: object): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function scalarIn(value: object, path: string): Scalar | undefined {
  try {
    return scalarOf(value);
  } catch (error) {
    throw refused(path, (error as Error).message);
  }
}

function refused(path: string, why: string): BeepError {
  return new BeepError('CONVERSION_FAILED', `cannot be converted: ${path}: ${why}`, { metadata: { path } });
}

/** Writes the JSON text of the contract's values. */
class Writer<Live> {
  readonly #liveOf: LiveOf<Live>;
  readonly #pieces: (string | Live)[] = [];
  #text = '';

  constructor(liveOf: LiveOf<Live>) {
    this.#liveOf = liveOf;
  }

  end(): readonly (string | Live)[] {
    if (this.#text !== '') this.#pieces.push(this.#text);
    return this.#pieces;
  }

  write(value: unknown, path: string, level: number): void {
    const live = this.#liveOf(value);
    if (live !== undefined) {
      this.#pieces.push(this.#text, live);
      this.#text = '';
      return;
    }
    const text = plainText(value);
    if (text !== undefined) {
      this.#text += text;
      return;
    }
    if (typeof value !== 'object' || value === null) throw refused(path, whyNot(value));
    if (level >= maxLevels)
      throw refused(path, `nested deeper than ${maxLevels} levels, or it contains itself; hold it by handle`);
    this.#writeObject(value, path, level + 1);
  }

  #writeObject(value: object, path: string, level: number): void {
    if (Array.isArray(value)) {
      if (value instanceof Tuple) this.#tagged('$tuple', () => this.#items(value, path, level));
      else this.#items(value, path, level);
    } else if (value instanceof Set) {
      const tag = value instanceof FrozenSet ? '$frozenset' : '$set';
      this.#tagged(tag, () => this.#items([...value], path, level));
    } else if (value instanceof Map) {
      this.#dict([...value], path, level);
    } else {
      const kind = objectKind(value, path);
      if (kind !== undefined) this.#text += taggedText(kind);
      else if (isPlain(value)) this.#dict(Object.entries(value), path, level);
      else throw refused(path, `an instance of ${value.constructor?.name ?? 'a class'} has no exact value in Python`);
    }
  }

  #items(items: readonly unknown[], path: string, level: number): void {
    this.#text += '[';
    for (let index = 0; index < items.length; index++) {
      if (index > 0) this.#text += ',';
      this.write(items[index], `${path}[${index}]`, level);
    }
    this.#text += ']';
  }

  /** As an object where that can be taken for nothing else, with `$dict` otherwise. */
  #dict(entries: readonly (readonly [unknown, unknown])[], path: string, level: number): void {
    const isObject = entries.every(([key]) => typeof key === 'string' && !key.startsWith('$') && key.isWellFormed());
    if (!isObject) {
      this.#tagged('$dict', () => {
        this.#items(
          entries.map((entry) => [...entry]),
          path,
          level,
        );
      });
      return;
    }
    this.#text += '{';
    for (const [index, [key, value]] of entries.entries()) {
      const name = JSON.stringify(key);
      this.#text += `${index > 0 ? ',' : ''}${name}:`;
      this.write(value, `${path}[${name}]`, level);
    }
    this.#text += '}';
  }

  #tagged(tag: string, write: () => void): void {
    this.#text += `{"${tag}":`;
    write();
    this.#text += '}';
  }
}

function plainText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      return isInteger(value) ? String(value) : floatText(value);
    case 'bigint':
      return value >= -(2n ** 53n) && value <= 2n ** 53n ? String(value) : `{"$int":"${value}"}`;
    case 'string':
      return value.isWellFormed() ? JSON.stringify(value) : `{"$str":"${toBase64(encodeSurrogates(value))}"}`;
    default:
      return value === null ? 'null' : undefined;
  }
}

/** A float that cannot be taken for an integer. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return '{"$float":"nan"}';
  if (!Number.isFinite(value)) return `{"$float":"${value > 0 ? 'inf' : '-inf'}"}`;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function taggedText(kind: ValueKind): string {
  switch (kind.case) {
    case 'real':
      return floatText(kind.value);
    case 'binary':
      return `{"$bytes":"${toBase64(kind.value)}"}`;
    case 'scalar':
      return JSON.stringify({ $scalar: [kind.value.typeName, kind.value.text] });
    case 'tensor': {
      const { dtype, shape, data } = kind.value;
      return JSON.stringify({ $tensor: { dtype, shape: shape.map(Number), data: toBase64(data) } });
    }
    default:
      throw new TypeError(`no tag for ${kind.case}`);
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function whyNot(value: unknown): string {
  if (value === undefined) return 'undefined has no value in Python; null is its None';
  return typeof value === 'function'
    ? 'a function cannot be called from Python'
    : `${typeof value} has no value in Python`;
}
