/**
 * Whether environment markers hold for one interpreter. Installed packages have thousands of them, which PEP 508's own
 * parser would take a second for; most are the same few.
 */
import type { MarkerValues } from './marker.ts';

type Compare = (left: string, operator: string, right: string) => boolean;

/**
 * Makes the check. A marker that cannot be read holds: it is better to name a requirement too many. One about `extra`
 * holds for no extra.
 */
export function createMarkerCheck(values: MarkerValues): (marker: string) => boolean {
  const known = new Map<string, boolean>();
  return (marker) => {
    let holds = known.get(marker);
    if (holds === undefined) {
      holds = evaluate(marker, values);
      known.set(marker, holds);
    }
    return holds;
  };
}

const tokenPattern = /\s*(\(|\)|and\b|or\b|not\s+in\b|in\b|[<>=!~]+|'[^']*'|"[^"]*"|[a-z_]+)/gy;

/** or = and { "or" and }; and = one { "and" one }; one = "(" or ")" | side operator side */
function evaluate(marker: string, values: MarkerValues): boolean {
  const tokens = tokensOf(marker.trim());
  if (tokens === undefined) return true;
  let at = 0;
  let isBroken = false;
  const either = (): boolean => {
    let holds = both();
    while (tokens[at] === 'or') {
      at++;
      holds = both() || holds;
    }
    return holds;
  };
  const both = (): boolean => {
    let holds = one();
    while (tokens[at] === 'and') {
      at++;
      holds = one() && holds;
    }
    return holds;
  };
  const one = (): boolean => {
    if (tokens[at] === '(') {
      at++;
      const holds = either();
      if (tokens[at++] !== ')') isBroken = true;
      return holds;
    }
    const [left, operator, right] = [tokens[at++], tokens[at++], tokens[at++]];
    if (left === undefined || operator === undefined || right === undefined) {
      isBroken = true;
      return true;
    }
    const isAboutVersion = /version$/.test(left) || /version$/.test(right);
    return (isAboutVersion ? compareVersions : compareTexts)(side(left, values), operator, side(right, values));
  };
  const holds = either();
  return isBroken || at !== tokens.length ? true : holds;
}

function tokensOf(marker: string): string[] | undefined {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  let end = 0;
  for (const match of marker.matchAll(tokenPattern)) {
    tokens.push((match[1] as string).replace(/^not\s+in$/, 'not in'));
    end = match.index + match[0].length;
  }
  // Deeply nested ones are nobody's.
  return end === marker.length && tokens.length <= 500 ? tokens : undefined;
}

function side(token: string, values: MarkerValues): string {
  return /^["']/.test(token) ? token.slice(1, -1) : (values[token] ?? '');
}

const compareTexts: Compare = (left, operator, right) => {
  switch (operator) {
    case 'in':
      return right.includes(left);
    case 'not in':
      return !right.includes(left);
    case '!=':
      return left !== right;
    case '==':
    case '===':
      return left === right;
    default:
      return operator.startsWith('<') ? left < right : left > right;
  }
};

/** Versions of interpreters: numbers with dots between. */
const compareVersions: Compare = (left, operator, right) => {
  if (operator === 'in' || operator === 'not in') {
    return right.split(/[\s,]+/).includes(left) === (operator === 'in');
  }
  const isPrefix = right.endsWith('.*');
  const wanted = numbers(isPrefix ? right.slice(0, -2) : right);
  const given = numbers(left);
  const order = orderOf(isPrefix ? given.slice(0, wanted.length) : given, wanted);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '!=':
      return order !== 0;
    case '~=':
      return order >= 0 && orderOf(given.slice(0, wanted.length - 1), wanted.slice(0, -1)) === 0;
    default:
      return order === 0;
  }
};

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function orderOf(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
