/**
 * The numbers in a Python object, piece by piece: as JSON text for readers of text, as bytes for gRPC. Floats come as
 * their 64 bits, whose shortest text is the same in both languages and takes a third of Python's time here.
 */
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import type { Response } from './codec.ts';

/** Whose numbers, and how. */
export interface NumbersRequest {
  readonly handleId: string;
  /** They have rows. */
  readonly isTable: boolean;
  /** As 32-bit floats. */
  readonly asFloat32?: boolean;
}

/** So many pieces of half a megabyte are on their way at once. */
const ahead = 2;

/** So many numbers are kept as text, some 20 bytes each, for all readers together. */
const maxKept = 2 ** 21;
let keptNow = 0;

/** Rows of nothing: more of them are no table that anybody has. */
const maxEmptyRows = 2 ** 24;

/** Where the pieces come from. */
interface Source {
  piece(index: number): Promise<Response>;
  /** The session need not keep them any longer. */
  forget(): void;
  readonly onAbort: Call['onAbort'];
}

/** Numbers as they were at one moment. */
export class NumbersReader {
  readonly count: number;
  readonly rows: number;
  /** Numbers of a row. */
  readonly width: number;
  /** They come in one piece, and take no more than that. */
  readonly isShort: boolean;
  readonly #first: Response;
  readonly #source: Source;
  readonly #stopListening: () => void;
  #isOpen: boolean;

  /** Throws INTERNAL for what cannot be numbers, whatever the session says. */
  constructor(first: Response, source: Source, isTable: boolean) {
    this.#first = first;
    this.#source = source;
    this.count = Number(first.count);
    this.rows = Number(first.rows);
    this.width = Number(first.width);
    const isWhole = isTable ? this.rows * this.width === this.count : this.rows === 0;
    if (!isWhole || !Number.isSafeInteger(this.count) || (this.width === 0 && this.rows > maxEmptyRows)) {
      throw unlike('rows');
    }
    this.isShort = first.pieces <= 1;
    this.#isOpen = !this.isShort;
    this.#stopListening = this.isShort ? () => {} : source.onAbort(() => this.close());
  }

  /** Nobody reads them any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopListening();
    this.#source.forget();
  }

  /** The pieces in order; the next ones are on their way while one is looked at. May be asked for again. */
  async *pieces(): AsyncGenerator<Response> {
    const underWay: Promise<Response>[] = [Promise.resolve(this.#first)];
    for (let next = 1; underWay.length > 0; ) {
      while (next < this.#first.pieces && underWay.length <= ahead) {
        const piece = this.#source.piece(next++);
        piece.catch(() => {}); // whoever reads on hears of it
        underWay.push(piece);
      }
      yield await (underWay.shift() as Promise<Response>);
    }
  }

  /** The same text twice: it is kept meanwhile where there is room, and made again where there is not. */
  async *jsonTwice(between: string): AsyncGenerator<string> {
    const mayKeep = keptNow + this.count <= maxKept;
    const kept: string[] = [];
    if (mayKeep) keptNow += this.count;
    try {
      for await (const part of this.json()) {
        if (mayKeep) kept.push(part);
        yield part;
      }
      yield between;
      yield* mayKeep ? kept : this.json();
    } finally {
      if (mayKeep) keptNow -= this.count;
    }
  }

  /** A JSON array, of rows where there are any, in parts. */
  async *json(): AsyncGenerator<string> {
    const { rows, width } = this;
    yield '[';
    if (width === 0) yield* emptyRows(rows);
    let written = 0;
    for await (const piece of this.pieces()) {
      const numbers = numbersOf(piece);
      if (rows === 0) {
        if (numbers.length > 0) yield (written > 0 ? ',' : '') + numbers.text(0, numbers.length);
      } else {
        let text = '';
        for (let from = 0; from < numbers.length; ) {
          const column = (written + from) % width;
          const to = Math.min(numbers.length, from + width - column);
          text += before(written + from, column) + numbers.text(from, to);
          if (column + to - from === width) text += ']';
          from = to;
        }
        if (text !== '') yield text;
      }
      written += numbers.length;
    }
    if (written !== this.count) throw unlike('numbers');
    yield ']';
  }
}

function unlike(what: string): Error {
  return errors.internal(new Error(`a session sent other ${what} than it had said`));
}

function* emptyRows(rows: number): Generator<string> {
  const atOnce = 65_536;
  for (let left = rows; left > 0; left -= atOnce) {
    yield (left < rows ? ',' : '') + Array(Math.min(left, atOnce)).fill('[]').join(',');
  }
}

/** What stands before a number of a table. */
function before(index: number, column: number): string {
  if (column > 0) return ',';
  return index > 0 ? ',[' : '[';
}

interface Numbers {
  readonly length: number;
  text(from: number, to: number): string;
}

function numbersOf({ value, isText }: Response): Numbers {
  if (isText) {
    const text = Buffer.from(value).toString('latin1');
    if (!/^[\d,-]*$/.test(text)) throw unlike('numbers');
    const numbers = text === '' ? [] : text.split(',');
    return { length: numbers.length, text: (from, to) => numbers.slice(from, to).join(',') };
  }
  const floats = new Float64Array(value.length / 8);
  new Uint8Array(floats.buffer).set(value); // where they lie in the message is no multiple of 8
  const hasWhole = floats.some(Number.isInteger);
  return {
    length: floats.length,
    text(from, to) {
      const part = from === 0 && to === floats.length ? floats : floats.subarray(from, to);
      return hasWhole ? Array.from(part, floatText).join(',') : part.join(',');
    },
  };
}

/** As Python writes it: a float keeps its point, and zero its sign. */
function floatText(number: number): string {
  const text = Object.is(number, -0) ? '-0' : String(number);
  return Number.isInteger(number) && !text.includes('e') ? `${text}.0` : text;
}
