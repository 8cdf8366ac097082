/** Sales of a year: a table that is large enough to take a while, and the figures of it, computed without Python. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** The table. */
export interface Sales {
  readonly rows: number;
  readonly cities: readonly string[];
  /** By row. */
  readonly city: Uint8Array;
  readonly day: Uint16Array;
  readonly cents: Int32Array;
  readonly pieces: Uint8Array;
}

/** What the analysis is to find; money in cents, so that it is exact. */
export interface Figures {
  readonly rows: number;
  readonly totalCents: number;
  readonly cities: Record<string, CityFigures>;
  /** Mean of the sales of seven days, for the last ten days. */
  readonly lastWeeks: readonly number[];
  /** Row numbers of the five largest sales; of equal ones the first. */
  readonly largest: readonly number[];
  readonly correlation: number;
}

/** The figures of one city. */
export interface CityFigures {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  /** Linear between neighbours. */
  readonly quantiles: readonly [tenth: number, median: number, ninetieth: number];
  readonly pieces: number;
}

const days = 365;
const startOfYear = Date.UTC(2025, 0, 1);

/** The same rows every time. */
export function makeSales(rows: number): Sales {
  const cities = ['Accra', 'Bergen', 'Cádiz', 'Dhaka', 'Esfahān', 'Fukuoka 福岡', 'Graz', 'Hội An'];
  const city = new Uint8Array(rows);
  const day = new Uint16Array(rows);
  const cents = new Int32Array(rows);
  const pieces = new Uint8Array(rows);
  let state = 12345;
  const next = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  for (let i = 0; i < rows; i++) {
    city[i] = next(cities.length);
    day[i] = next(days);
    pieces[i] = 1 + next(9);
    cents[i] = (pieces[i] as number) * (100 + next(50_000)) - (next(20) === 0 ? 100_000 : 0);
  }
  return { rows, cities, city, day, cents, pieces };
}

/** Writes the table as CSV. */
export async function writeCsv(sales: Sales, path: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('date,city,amount,pieces\n');
  let text = '';
  for (let i = 0; i < sales.rows; i++) {
    const date = new Date(startOfYear + (sales.day[i] as number) * 86_400_000).toISOString().slice(0, 10);
    const amount = ((sales.cents[i] as number) / 100).toFixed(2);
    text += `${date},"${sales.cities[sales.city[i] as number]}",${amount},${sales.pieces[i]}\n`;
    if (text.length > 1 << 20) {
      if (!file.write(text)) await once(file, 'drain');
      text = '';
    }
  }
  file.end(text);
  await once(file, 'close');
}

/** The figures. */
export function figuresOf(sales: Sales): Figures {
  const { rows, cities, cents, pieces } = sales;
  const byCity: number[][] = cities.map(() => []);
  const piecesOf = cities.map(() => 0);
  const perDay = new Float64Array(days);
  for (let i = 0; i < rows; i++) {
    const index = sales.city[i] as number;
    byCity[index]?.push(cents[i] as number);
    piecesOf[index] = (piecesOf[index] as number) + (pieces[i] as number);
    perDay[sales.day[i] as number] = (perDay[sales.day[i] as number] as number) + (cents[i] as number);
  }
  const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  const order = Array.from({ length: rows }, (_, i) => i);
  order.sort((a, b) => (cents[b] as number) - (cents[a] as number) || a - b);
  return {
    rows,
    totalCents: sum(cents),
    cities: Object.fromEntries(
      cities.map((name, index) => {
        const sorted = (byCity[index] as number[]).toSorted((a, b) => a - b);
        const total = sum(sorted);
        const figures: CityFigures = {
          count: sorted.length,
          sum: total,
          mean: total / sorted.length,
          quantiles: [quantile(sorted, 0.1), quantile(sorted, 0.5), quantile(sorted, 0.9)],
          pieces: piecesOf[index] as number,
        };
        return [name, figures];
      }),
    ),
    lastWeeks: Array.from({ length: 10 }, (_, i) => sum(perDay.slice(days - 16 + i, days - 9 + i)) / 7),
    largest: order.slice(0, 5),
    correlation: correlation(cents, pieces),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

function correlation(xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const n = xs.length;
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  const [mx, my] = [mean(xs), mean(ys)];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(xs[i] as number) - mx, (ys[i] as number) - my];
    sx += x;
    sy += y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
  }
  return (sxy - (sx * sy) / n) / Math.sqrt((sxx - (sx * sx) / n) * (syy - (sy * sy) / n));
}

function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total / values.length;
}
