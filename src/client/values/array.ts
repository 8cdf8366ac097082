/** Arrays of numbers: numpy's on one side, a typed array on the other, without a copy where memory is aligned. */

/** What the elements of an array lie in. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

interface View {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** Where the engine has no half floats, their bits are what is shown. */
const float16 = ((globalThis as { Float16Array?: unknown }).Float16Array ?? Uint16Array) as View;

const views: Readonly<Record<string, View>> = {
  '|b1': Uint8Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '<i8': BigInt64Array,
  '<u8': BigUint64Array,
  '<f2': float16,
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<c8': Float32Array,
  '<c16': Float64Array,
};

/** dtypes of typed arrays by the name of their class; a `Uint8Array` is bytes, not an array. */
const dtypes: Readonly<Record<string, string>> = {
  Int8Array: '|i1',
  Uint8ClampedArray: '|u1',
  Int16Array: '<i2',
  Uint16Array: '<u2',
  Int32Array: '<i4',
  Uint32Array: '<u4',
  BigInt64Array: '<i8',
  BigUint64Array: '<u8',
  Float16Array: '<f2',
  Float32Array: '<f4',
  Float64Array: '<f8',
};

/** A numpy array: dtype, shape, and the elements in C order. */
export class NdArray {
  /** numpy's type string, such as "<f8". */
  readonly dtype: string;
  /** The length of each dimension. */
  readonly shape: readonly number[];
  /**
   * The elements, in C order. Complex numbers are two elements each; `datetime64` and `timedelta64` are counts of their
   * unit; booleans are 0 and 1.
   */
  readonly data: TypedArray;

  /** Throws a TypeError when the elements are not those of dtype and shape. */
  constructor(dtype: string, shape: readonly number[], data: TypedArray) {
    const view = viewOf(dtype);
    const elements = shape.reduce((product, length) => product * length, 1) * (dtype.startsWith('<c') ? 2 : 1);
    if (!(data instanceof view) || data.length !== elements) {
      throw new TypeError(
        `${dtype} of shape [${shape.join(', ')}] needs a ${view.name} of ${elements} elements, not a ${data.constructor.name} of ${data.length}`,
      );
    }
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  /** The bytes of the elements, without a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.data.buffer as ArrayBuffer, this.data.byteOffset, this.data.byteLength);
  }
}

/** An array over bytes, which are copied only where they are not aligned. */
export function ndArray(dtype: string, shape: readonly number[], bytes: Uint8Array): NdArray {
  const view = viewOf(dtype);
  const isAligned = bytes.byteOffset % view.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
  return new NdArray(dtype, shape, new view(buffer, byteOffset, Math.floor(bytes.byteLength / view.BYTES_PER_ELEMENT)));
}

/** A typed array as an array of one dimension; undefined for anything else. */
export function fromTypedArray(value: object): NdArray | undefined {
  const dtype = dtypes[(value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? ''];
  if (dtype === undefined || !ArrayBuffer.isView(value)) return undefined;
  const elements = value as TypedArray;
  const isClamped = dtype === '|u1';
  const data = isClamped ? new Uint8Array(elements.buffer, elements.byteOffset, elements.length) : elements;
  return new NdArray(dtype, [data.length], data);
}

function viewOf(dtype: string): View & { readonly name: string } {
  const view = /^<[Mm]8/.test(dtype) ? BigInt64Array : views[dtype];
  if (view === undefined) throw new TypeError(`no typed array holds dtype ${JSON.stringify(dtype)}`);
  return view as View & { readonly name: string };
}
