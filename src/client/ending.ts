/** How executions and batches end. */
import { type Finished, Outcome, StopRung } from '../gen/es/beep/python/v1/execute_pb.ts';
import { millisecondsOf } from './duration.ts';
import { nameOf } from './names.ts';
import { frameOf, type PythonFrame } from './python-error.ts';

/** How it ended: "OK", "ERROR", "TIMEOUT" ... */
export type OutcomeName = Exclude<keyof typeof Outcome, 'UNSPECIFIED'>;

/** What it took to stop it. */
export type StopRungName = Exclude<keyof typeof StopRung, 'UNSPECIFIED'>;

/** How an execution ended. */
export interface Ending {
  readonly outcome: OutcomeName;
  /** The session's variables still exist. */
  readonly statePreserved: boolean;
  /** The session's generation from now on. */
  readonly generation: number;
  /** What the code exited with, with EXITED. */
  readonly exitCode: number | undefined;
  /** The number of the signal that killed its process. */
  readonly signal: number | undefined;
  /** Undefined where it was not stopped. */
  readonly stoppedBy: StopRungName | undefined;
  /** Where its threads were when it was stopped. */
  readonly stoppedAt: readonly { readonly threadName: string; readonly frames: readonly PythonFrame[] }[];
  /** What ended it, and which limit. */
  readonly message: string;
  readonly usage: {
    readonly wallMs: number;
    readonly userCpuMs: number;
    readonly systemCpuMs: number;
    readonly peakResidentBytes: number;
    readonly stdoutBytes: number;
    readonly stderrBytes: number;
  };
}

/** The ending of a message. */
export function endingOf(finished: Finished): Ending {
  const { usage } = finished;
  return {
    outcome: nameOf(Outcome, finished.outcome) ?? 'ERROR',
    statePreserved: finished.statePreserved === true,
    generation: finished.generation,
    exitCode: finished.exitCode,
    signal: finished.signal,
    stoppedBy: stopRungOf(finished.stoppedBy),
    stoppedAt: finished.stoppedAt.map(({ threadName, frames }) => ({ threadName, frames: frames.map(frameOf) })),
    message: finished.message,
    usage: {
      wallMs: millisecondsOf(usage?.wall),
      userCpuMs: millisecondsOf(usage?.userCpu),
      systemCpuMs: millisecondsOf(usage?.systemCpu),
      peakResidentBytes: Number(usage?.peakResidentBytes ?? 0n),
      stdoutBytes: Number(usage?.stdoutBytes ?? 0n),
      stderrBytes: Number(usage?.stderrBytes ?? 0n),
    },
  };
}

/** A rung of the stopping ladder, by its name. */
export function stopRungOf(rung: number): StopRungName | undefined {
  return nameOf(StopRung, rung);
}

/** Thrown when code did not run to its end and raised nothing: it was stopped, exited, or was killed. */
export class ExecutionStopped extends Error {
  override readonly name = 'ExecutionStopped';
  /** Why: "TIMEOUT", "INTERRUPTED", "EXITED", "OUT_OF_MEMORY" ... */
  readonly outcome: OutcomeName;
  readonly ending: Ending;

  constructor(ending: Ending, cause?: unknown) {
    const state = ending.statePreserved ? 'the variables live' : 'the variables are lost';
    super(`${ending.outcome}: ${ending.message === '' ? 'it did not run to its end' : ending.message}; ${state}`, {
      cause,
    });
    this.outcome = ending.outcome;
    this.ending = ending;
  }
}
