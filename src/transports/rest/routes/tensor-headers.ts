/** An array's dtype and shape, as headers beside a body that is its elements. */
import { errors } from '../../../errors.ts';

/** Undefined for plain bytes. Without a shape it has one dimension, as long as the body is. Throws INVALID_ARGUMENT. */
export function tensorFrom(
  headers: ReadonlyMap<string, string>,
  totalBytes: bigint | undefined,
): { dtype: string; shape: bigint[] } | undefined {
  const dtype = headers.get('x-beep-dtype');
  const shape = headers.get('x-beep-shape');
  if (dtype === undefined) {
    if (shape === undefined) return undefined;
    throw errors.invalidArgument('X-Beep-Shape needs X-Beep-Dtype, such as "<f8"', { field: 'x-beep-dtype' });
  }
  return { dtype, shape: shape === undefined ? [lengthOf(dtype, totalBytes)] : dimensions(shape) };
}

function dimensions(text: string): bigint[] {
  if (text.trim() === '') return [];
  const lengths = text.split(',').map((each) => each.trim());
  if (!lengths.every((length) => /^\d{1,18}$/.test(length))) {
    throw errors.invalidArgument(
      'X-Beep-Shape must be lengths with commas between them, such as "2,3"; none for a scalar',
      {
        field: 'x-beep-shape',
      },
    );
  }
  return lengths.map(BigInt);
}

function lengthOf(dtype: string, totalBytes: bigint | undefined): bigint {
  const size = BigInt(/^[<|][a-zA-Z](\d{1,2})/.exec(dtype)?.[1] ?? 0);
  if (size === 0n) {
    throw errors.invalidArgument(`X-Beep-Dtype must be one such as "<f8", "|u1" or "<M8[ns]", little-endian`, {
      field: 'x-beep-dtype',
    });
  }
  if (totalBytes === undefined) {
    throw errors.invalidArgument('an array needs X-Beep-Shape where the body has no Content-Length', {
      field: 'x-beep-shape',
    });
  }
  if (totalBytes % size !== 0n) {
    throw errors.invalidArgument(`body has ${totalBytes} bytes, which is no multiple of ${size}, one element`, {
      field: 'x-beep-shape',
    });
  }
  return totalBytes / size;
}
