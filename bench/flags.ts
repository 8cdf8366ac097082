/** The flags of `npm run bench`. */
import { parseArgs } from 'node:util';

/** What was asked for. */
export interface BenchFlags {
  /** Fewer samples; done in two to three minutes. */
  readonly isQuick: boolean;
  /** Ids of the measures to take; empty: all. Nothing but a whole run is written into the page. */
  readonly only: readonly string[];
}

/** Reads the command line. */
export function readFlags(args: readonly string[]): BenchFlags {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
  });
  return { isQuick: values.quick, only: values.only };
}
