/**
 * Path templates of plain routes: `/sessions/{id}/objects/{handle}`. A `{name}` stands for exactly one segment, which
 * is percent-decoded; literal segments go before names.
 */
import { errors } from '../../errors.ts';

/** A template taken apart. */
export interface Template {
  readonly text: string;
  readonly segments: readonly string[];
}

export function parseTemplate(text: string): Template {
  return { text, segments: text.split('/').slice(1) };
}

/** The values of a path's names; undefined when the path is another one. */
export function matchTemplate({ segments }: Template, path: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as string;
    const given = path[i] as string;
    if (segment.startsWith('{')) {
      if (given === '') return undefined;
      params[segment.slice(1, -1)] = decodeSegment(given);
    } else if (segment !== given) return undefined;
  }
  return params;
}

/** Templates with more literal segments at the front come first. */
export function moreLiteralFirst(a: Template, b: Template): number {
  const mark = ({ segments }: Template) => segments.map((segment) => (segment.startsWith('{') ? '1' : '0')).join('');
  return mark(a).localeCompare(mark(b));
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw errors.invalidArgument('path is not well formed: a percent sign must be followed by two hexadecimal digits');
  }
}
