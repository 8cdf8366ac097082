/** The flags of `npm run bench`. */
import { parseArgs } from 'node:util';

/** What was asked for. */
export interface BenchFlags {
  /** Fewer samples; done in about seven minutes. */
  readonly isQuick: boolean;
  /** Ids of the measures to take; empty: all. Nothing but a run of all is written into the page. */
  readonly only: readonly string[];
  /** Write the page from a quick run, too. */
  readonly page: boolean;
}

/** Reads the command line. */
export function readFlags(args: readonly string[]): BenchFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      page: { type: 'boolean', default: false },
    },
  });
  return { isQuick: values.quick, only: values.only, page: values.page };
}
