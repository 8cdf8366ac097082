/**
 * What JavaScript's JSON parser would let through silently: integers that it rounds, and nesting without end. Looks at
 * the raw bytes once; strings are skipped.
 */
import { errors } from '../errors.ts';

/** Deeper messages are refused: what reads them is recursive. */
const maxMessageDepth = 100;
/** Where nothing is: as deep as a value can be, whose levels take up to three of JSON. */
const maxPlainDepth = 700;
const largestSafe = String(Number.MAX_SAFE_INTEGER + 1); // 2^53 itself is exact

/** Throws INVALID_ARGUMENT for a bare integer beyond 2^53, and for deep nesting. Whether it is JSON is not its business. */
export function guardJson(text: Uint8Array): void {
  scan(text, maxMessageDepth, (start, end) => checkInteger(text, start, end));
}

/** Throws INVALID_ARGUMENT for deep nesting alone: where numbers are taken from the raw text. */
export function guardDepth(text: Uint8Array): void {
  scan(text, maxPlainDepth, () => {});
}

function scan(text: Uint8Array, maxDepth: number, onLongNumber: (start: number, end: number) => void): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte === 0x22) i = endOfString(text, i + 1);
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw errors.invalidArgument(`JSON is nested too deeply; at most ${maxDepth} levels`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (isDigit(byte)) {
      const start = i;
      while (i + 1 < text.length && isNumberByte(text[i + 1] as number)) i++;
      if (i - start >= largestSafe.length - 1) onLongNumber(start, i + 1);
    }
  }
}

function endOfString(text: Uint8Array, from: number): number {
  let i = from;
  while (i < text.length && text[i] !== 0x22) i += text[i] === 0x5c ? 2 : 1;
  return i;
}

function checkInteger(text: Uint8Array, start: number, end: number): void {
  const digits = latin1(text.subarray(start, end));
  if (!/^\d+$/.test(digits)) return; // a fraction or an exponent: a float anyway
  if (digits.length === largestSafe.length && digits <= largestSafe) return;
  if (isReal(text, start) && String(Number(digits)) === digits) return;
  throw errors.invalidArgument(
    `JSON number ${digits.slice(0, 40)} is beyond 2^53 and would be rounded; send it as a string`,
  );
}

/** Whether it is the `real` of a value: JavaScript writes a float up to 10^21 without a point, and reads it as it was. */
function isReal(text: Uint8Array, start: number): boolean {
  return /[{,\s]"real"\s*:\s*-?$/.test(latin1(text.subarray(Math.max(0, start - 20), start)));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isNumberByte(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === 0x2d;
}
