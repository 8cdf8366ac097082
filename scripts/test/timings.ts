import { relative } from 'node:path';
import { root } from './places.ts';

/** One test that a report tells of. */
export interface Timing {
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
}

// A test that takes longer has a line of its own.
const longSeconds = 30;

/** The tests in vitest's report. */
export function vitestTimings(text: string): Timing[] {
  const { testResults } = JSON.parse(text) as {
    testResults: { name: string; assertionResults: { fullName: string; status: string; duration?: number }[] }[];
  };
  return testResults.flatMap(({ name: path, assertionResults }) =>
    assertionResults.map(({ fullName, status, duration = 0 }) => ({
      file: relative(root, path),
      name: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
      seconds: duration / 1000,
    })),
  );
}

/** The tests in a report in JUnit's form. */
export function pytestTimings(text: string): Timing[] {
  return [...text.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)].map(([, head = '', body = '']) => ({
    file: attribute(head, 'classname').replaceAll('.', '/').concat('.py'),
    name: attribute(head, 'name'),
    status: /<(failure|error)\b/.test(body) ? 'failed' : /<skipped\b/.test(body) ? 'skipped' : 'passed',
    seconds: Number(attribute(head, 'time')),
  }));
}

function attribute(head: string, name: string): string {
  const entities: Record<string, string> = { quot: '"', lt: '<', gt: '>', apos: "'", amp: '&', '#10': ' ' };
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(head)?.[1] ?? '';
  return value.replace(/&([a-z]+|#10);/g, (whole, entity) => entities[entity] ?? whole);
}

/** A line for each file, and below it one for each test that failed or took long. */
export function timingsTable(all: readonly Timing[]): string {
  const lines = [...Map.groupBy(all, ({ file }) => file)].flatMap(([file, tests]) => [
    `${minutes(tests)}  ${file}: ${told(tests)}`,
    ...tests
      .filter(({ status, seconds }) => status === 'failed' || seconds >= longSeconds)
      .map((test) => `${minutes([test])}    ${test.status === 'failed' ? 'FAIL ' : ''}${test.name}`),
  ]);
  return ['', ...lines].join('\n');
}

/** The files, and then the tests, that took longest. */
export function longestTable(all: readonly Timing[], count: number): string {
  const byFile = [...Map.groupBy(all, ({ file }) => file)].map(([what, tests]) => ({ what, seconds: total(tests) }));
  const byTest = all.map(({ file, name, seconds }) => ({ what: `${file}: ${name}`, seconds }));
  return [byFile, byTest]
    .flatMap((rows) => rows.toSorted((one, other) => other.seconds - one.seconds).slice(0, count))
    .map(({ what, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${what}`)
    .join('\n');
}

function told(tests: readonly Timing[]): string {
  const counted = (['passed', 'failed', 'skipped'] as const).map((wanted) => ({
    wanted,
    count: tests.filter(({ status }) => status === wanted).length,
  }));
  return counted
    .filter(({ count }) => count > 0)
    .map(({ wanted, count }) => `${count} ${wanted}`)
    .join(', ');
}

function minutes(tests: readonly Timing[]): string {
  const seconds = Math.round(total(tests));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`.padStart(7);
}

function total(tests: readonly Timing[]): number {
  return tests.reduce((sum, { seconds }) => sum + seconds, 0);
}
