/** Raw pieces of JSON text. */

/** The text of a member of the outermost object, as it stands there; undefined where there is none. */
export function memberText(text: string, name: string): string | undefined {
  let depth = 0;
  let key: string | undefined;
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === '"') {
      const end = endOfString(text, i);
      if (depth === 1 && start < 0) key = JSON.parse(text.slice(i, end + 1));
      i = end;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']' || character === ',') {
      if (character !== ',') depth--;
      if (start >= 0 && depth === (character === ',' ? 1 : 0)) {
        if (key === name) return text.slice(start, i).trim();
        start = -1;
      }
    } else if (character === ':' && depth === 1 && start < 0) start = i + 1;
  }
  return undefined;
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
