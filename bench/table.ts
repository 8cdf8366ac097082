/** A report as Markdown: the ratios first, what they were made from below. */
import type { Machine } from './machine.ts';
import type { Report, Section, Verdict } from './report.ts';
import { isWithin, type Wanted, wanted } from './wanted.ts';

/** The tables of a report. */
export function tableOf(report: Report): string {
  return [ratios(report.verdicts), ...report.sections.map(section), facts(report)].join('\n\n');
}

function ratios(verdicts: readonly Verdict[]): string {
  const rows = wanted.flatMap((row) => {
    const verdict = verdicts.find(({ id }) => id === row.id);
    return verdict === undefined ? [] : [ratioRow(row, verdict)];
  });
  return [
    '| What | Ratio | Measured | Middle half of the rounds | Reach | Aim | |',
    '|---|---|---:|---:|---:|---:|---|',
    ...rows,
  ].join('\n');
}

function ratioRow(row: Wanted, { value, low, high, peer }: Verdict): string {
  const word = isWithin(value, row, row.aim)
    ? 'aim reached'
    : isWithin(value, row, row.reach)
      ? 'reached'
      : '**missed**';
  const times = (figure: number) => `${digits(figure)}x`;
  return cells(
    `${row.what} (${peer})`,
    `${row.ratio}, ${row.bound}`,
    `**${times(value)}**`,
    `${times(low)} - ${times(high)}`,
    times(row.reach),
    times(row.aim),
    word,
  );
}

function section({ title, unit, rounds, rows }: Section): string {
  return [
    `${title}; ${unit}, ${rounds} rounds:`,
    '',
    '| | p50 | p95 | p99 | n | medians of the rounds |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map((row) =>
      cells(
        row.name,
        digits(row.p50),
        // A sample of the other units is a mean over many calls, and has no tail to speak of.
        unit === 'ms' ? digits(row.p95) : '-',
        unit === 'ms' ? digits(row.p99) : '-',
        String(row.n),
        `${digits(row.lowestRound)} - ${digits(row.highestRound)}`,
      ),
    ),
  ].join('\n');
}

function facts({ machine, load, measuredAt, isQuick }: Report): string {
  const { cpu, cores, memoryGiB, kernel, node, python, workerPython }: Machine = machine;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const [before, after] = load;
  return [
    `Measured on ${measuredAt.slice(0, 10)}${isQuick ? ' with `--quick`' : ''}: ${cpu}, ${cores} cores, ${memoryGiB} GiB,`,
    `${kernel}; Node ${node}, Python ${python} in sessions and peers, ${workerPython} in workers, ${packages.join(', ')}.`,
    `Load of the machine ${before} before and ${after} after.`,
  ].join('\n');
}

function cells(...texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

/** Three digits that mean something. */
function digits(figure: number): string {
  if (figure >= 1000) return Math.round(figure).toLocaleString('en-US');
  return figure
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
