/** Where a text stops being JSON, for people who look for their typing error. */
import { type BeepError, errors } from '../../errors.ts';

/** Longer texts are not searched: it takes several attempts to parse. */
const maxSearchedLength = 64 * 1024;

/** The refusal of a text that JSON.parse has thrown for. */
export function notJson(text: string, thrown: unknown): BeepError {
  const position = positionOf(thrown) ?? (text.length <= maxSearchedLength ? search(text) : undefined);
  if (position === undefined) return errors.invalidArgument('body is not valid JSON');
  const lines = text.slice(0, position).split('\n');
  const where = `line ${lines.length}, column ${(lines.at(-1) as string).length + 1}`;
  return errors.invalidArgument(`body is not valid JSON: ${where}`, { position: String(position) });
}

/** V8 names the position in some of its messages only. */
function positionOf(thrown: unknown): number | undefined {
  const match = /at position (\d+)/.exec((thrown as Error).message);
  return match === null ? undefined : Number(match[1]);
}

/** The length of the longest beginning that could still become JSON. */
function search(text: string): number {
  let fine = 0;
  let wrong = text.length + 1;
  while (wrong - fine > 1) {
    const middle = (fine + wrong) >> 1;
    if (couldGoOn(text.slice(0, middle))) fine = middle;
    else wrong = middle;
  }
  return fine;
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return (error as Error).message.includes('end of JSON input') || positionOf(error) === text.length;
  }
}
