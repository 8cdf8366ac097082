/** Writes what a run found: the report and every sample as JSON, the table into the page. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { page, results } from './places.ts';
import type { Report } from './report.ts';
import type { Rounds } from './sampling.ts';
import { tableOf } from './table.ts';

const begin = '<!-- figures: written by the bench -->';
const end = '<!-- end of figures -->';

/** `name` is that of the files. */
export async function keepResults(name: string, report: Report, samples: ReadonlyMap<string, Rounds>): Promise<void> {
  await mkdir(results, { recursive: true });
  await writeFile(join(results, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  const lines = [...samples].map(([id, rounds]) => `  ${JSON.stringify(id)}: {\n${contenders(rounds)}\n  }`);
  await writeFile(join(results, `${name}-samples.json`), `{\n${lines.join(',\n')}\n}\n`);
}

/** Puts the table of a report into the page, between its marks. */
export async function writePage(report: Report): Promise<void> {
  await writeFile(page, withTable(await readFile(page, 'utf8'), tableOf(report)));
}

/** A text with another table between the marks. */
export function withTable(text: string, table: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no place for the table: it needs "${begin}" and "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

/** A line for each round, so that a change of one is a change of one line. */
function contenders(rounds: Rounds): string {
  return [...rounds]
    .map(([name, samples]) => {
      const lines = samples.map((round) => `      ${JSON.stringify(round.map(rounded))}`);
      return `    ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n    ]`;
    })
    .join(',\n');
}

function rounded(sample: number): number {
  return Math.round(sample * 1000) / 1000;
}
