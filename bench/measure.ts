/** What is measured, and what each measure is given to work with. */

import type { RunningGateway } from './gateway.ts';
import type { Interpreter } from './interpreter.ts';
import type { PeerEnvironment } from './peers/environment.ts';
import type { Contender, Plan } from './sampling.ts';

/** What runs already. */
export interface Context {
  readonly gateway: RunningGateway;
  /** Of the sessions, and of every peer. */
  readonly interpreter: Interpreter;
  readonly peerEnvironment: PeerEnvironment;
  /** Closed when the measure is over: what it opens goes in here. */
  readonly stack: AsyncDisposableStack;
}

/** A ratio that is wanted; its row in `wanted.json` has the same id. */
export interface Comparison {
  readonly id: string;
  readonly ours: string;
  /** The best of these counts. */
  readonly peers: readonly string[];
  /** What each goes through or in front of, by itself: then what is compared is the difference, and of rates the share. */
  readonly beyond?: { readonly ours: string; readonly peer: string };
}

/** One measured thing. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  /** Of times less is better, of `calls/s` more is. */
  readonly unit: 'ms' | 'us' | 'MiB' | 'calls/s';
  readonly quick: Plan;
  readonly full: Plan;
  readonly comparisons: readonly Comparison[];
  /** Why it cannot be taken on this machine. */
  lacks?(): string | undefined;
  open(context: Context): Promise<readonly Contender[]>;
}
