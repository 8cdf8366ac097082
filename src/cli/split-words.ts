/** A line as words, as shells read it: quotes and backslashes. Throws for a quote that is not closed. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string;
    if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      const next = line[at] as string;
      // Within quotes a backslash that escapes nothing is one: paths of Windows keep theirs.
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' ? letter + next : next);
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') throw new SyntaxError(`the quote is not closed: ${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}
