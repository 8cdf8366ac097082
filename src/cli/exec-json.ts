/** What came of an execution as one JSON document, in the words of the answer of `POST /execute`. */
import type { ExecutionResult } from '../client/node.ts';

/** The document. Values are there as their repr: those that JSON cannot say are for the clients. */
export function resultJson(result: ExecutionResult): object {
  const { error, usage } = result;
  return {
    outcome: result.outcome,
    resultText: result.text,
    stdout: result.stdout,
    stderr: result.stderr,
    truncatedBytes: result.truncatedBytes,
    displays: result.displays.map(({ data }) => data),
    error:
      error === undefined
        ? null
        : { type: error.type, module: error.module, message: error.message, traceback: error.traceback },
    message: result.message,
    statePreserved: result.statePreserved,
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    stoppedBy: result.stoppedBy ?? null,
    sessionId: result.sessionId,
    generation: result.generation,
    executionId: result.executionId,
    usage: {
      wallSeconds: usage.wallMs / 1000,
      userCpuSeconds: usage.userCpuMs / 1000,
      systemCpuSeconds: usage.systemCpuMs / 1000,
      peakResidentBytes: usage.peakResidentBytes,
      stdoutBytes: usage.stdoutBytes,
      stderrBytes: usage.stderrBytes,
    },
  };
}
