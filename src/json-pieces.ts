/** The parts of JSON text as they stand there: parsed and written again, `2.0` would be `2`. */

/** A member of an object, or an element of an array, whose key is its index. */
export interface JsonPiece {
  readonly key: string;
  readonly text: string;
}

/** The parts of the outermost object or array of a text that is known to be JSON. */
export function jsonPieces(text: string): JsonPiece[] {
  const pieces: JsonPiece[] = [];
  let depth = 0;
  let start = -1;
  let key: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i = endOfString(text, i);
    } else if (character === '{' || character === '[') {
      if (++depth === 1) start = i + 1;
    } else if (character === ':' && depth === 1) {
      key = JSON.parse(text.slice(start, i));
      start = i + 1;
    } else if (character === ',' || character === '}' || character === ']') {
      if (character !== ',') depth--;
      if (depth !== (character === ',' ? 1 : 0)) continue;
      const piece = text.slice(start, i).trim();
      if (piece !== '') pieces.push({ key: key ?? String(pieces.length), text: piece });
      start = i + 1;
    }
  }
  return pieces;
}

/** A member's text; of several with the same key the last, like JSON.parse. */
export function memberText(text: string, name: string): string | undefined {
  return jsonPieces(text).findLast(({ key }) => key === name)?.text;
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

/**
 * Whether a text that a session sent as JSON can stand as one value in an answer, and on one line: it ends where its
 * outermost bracket or quote does. What stands between those its reader will see.
 */
export function isOneValue(text: string): boolean {
  if (/[\0-\x1f]/.test(text)) return false;
  if (!/^["[{]/.test(text)) return /^[\w.+-]+$/.test(text);
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (i >= text.length) return false;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth === 0) return i === text.length - 1;
  }
  return false;
}
