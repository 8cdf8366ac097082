/** What a prompt asks about code that is being written. */
import { Completeness } from '../gen/es/beep/python/v1/execute_pb.ts';
import { toBeepError } from './beep-error.ts';
import type { Services } from './link.ts';

/** Longer code is not looked at before it is run. */
const longestCode = 16_384;

/** Whether more lines have to follow, and the white space that the next one begins with. */
export async function howComplete(
  { execute }: Services,
  sessionId: string,
  code: string,
): Promise<{ readonly isIncomplete: boolean; readonly nextIndent: string }> {
  if (code.length > longestCode) return { isIncomplete: false, nextIndent: '' };
  const { completeness, indent } = await execute.checkComplete({ sessionId, code }).catch((error) => {
    throw toBeepError(error);
  });
  return { isIncomplete: completeness === Completeness.INCOMPLETE, nextIndent: indent };
}

/** What could stand at the end of the line, and the part of it that would go; `before` are the lines above it. */
export async function completions(
  { execute }: Services,
  sessionId: string,
  before: string,
  line: string,
): Promise<[string[], string]> {
  if (line.trim() === '') return [[`${line}    `], line];
  const code = before + line;
  const points = [...code];
  const { matches, start } = await execute.complete({ sessionId, code, cursor: points.length });
  return [matches.map(({ text }) => text), points.slice(start).join('')];
}
