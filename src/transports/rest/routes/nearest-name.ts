/** What somebody may have meant who wrote a name that there is not. */

/** The name of those known that is nearest to what was written, or undefined where none is near. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  if (written.length > maxLength) return undefined;
  const given = folded(written);
  let nearest: string | undefined;
  let least = (given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3))) + 1;
  for (const name of known) {
    const distance = editDistance(given, folded(name));
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

const maxLength = 64;

/** `session_id`, `session-id` and `sessionID` are `sessionId` in other spellings. */
function folded(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** How many characters have to be put in, left out or replaced. */
function editDistance(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (letter === b[j - 1] ? 0 : 1);
      row[j] = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, replaced);
    }
    last = row;
  }
  return last[b.length] as number;
}
