/** Lines out of bytes that come in any pieces: a line ends with "\n", and a longer one than the bound is let go by. */

/** One line; `text` is undefined where it was too long, or no UTF-8. */
export interface Line {
  readonly text: string | undefined;
  readonly bytes: number;
}

/** Takes bytes, gives lines. */
export interface LineReader {
  push(chunk: Buffer): Line[];
  /** What came after the last "\n", as a line; undefined where nothing did. */
  end(): Line | undefined;
}

const newline = 0x0a;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Nothing read yet. */
export function createLineReader(maxBytes: number): LineReader {
  let parts: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = []; // the rest is counted, and no more
  };
  const take = (): Line => {
    const line = { text: bytes <= maxBytes ? decoded(parts) : undefined, bytes };
    parts = [];
    bytes = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Line[] = [];
      let start = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
        add(chunk.subarray(start, at));
        lines.push(take());
        start = at + 1;
      }
      if (start < chunk.length) add(chunk.subarray(start));
      return lines;
    },
    end: () => (bytes === 0 ? undefined : take()),
  };
}

/** Without the mark that .NET's writer begins with, and the end of a line on Windows. */
function decoded(parts: readonly Buffer[]): string | undefined {
  try {
    const text = decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    return text.replace(/^\ufeff+/, '').trim();
  } catch {
    return undefined;
  }
}
