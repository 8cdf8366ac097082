/** What came of an execution, as plain JSON. */

import type { PythonError, StackFrame } from '../../../gen/es/beep/python/v1/error_pb.ts';
import {
  type ExecutionResult,
  type Finished,
  OutcomeSchema,
  StopRungSchema,
} from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { MimeBundle } from '../../../gen/es/beep/python/v1/value_pb.ts';
import { isOneValue } from '../../../json-pieces.ts';
import { rawJson } from '../json.ts';
import { enumName } from './enum-name.ts';
import { secondsJson } from './time-json.ts';
import { valueJson } from './value-json.ts';

/** The collected answer. */
export function resultJson(result: ExecutionResult) {
  return {
    result: valueJson(result.value),
    resultText: result.text,
    stdout: result.stdout,
    stderr: result.stderr,
    truncatedBytes: result.truncatedBytes,
    displays: result.displays.map(bundleJson),
    notices: result.notices.map(({ message }) => message),
    ...finishedJson(result.finished),
    error: result.error === undefined ? null : errorJson(result.error),
    sessionId: result.sessionId,
    executionId: result.executionId,
    lastSeq: result.lastSeq,
  };
}

/** How it ended. */
export function finishedJson(finished: Finished | undefined) {
  const usage = finished?.usage;
  return {
    outcome: enumName(OutcomeSchema, finished?.outcome ?? 0),
    statePreserved: finished?.statePreserved ?? false,
    exitCode: finished?.exitCode ?? null,
    signal: finished?.signal ?? null,
    stoppedBy: enumName(StopRungSchema, finished?.stoppedBy ?? 0),
    stoppedAt: (finished?.stoppedAt ?? []).map(({ threadName, mainThread, frames }) => ({
      threadName,
      mainThread,
      frames: frames.map(frameJson),
    })),
    generation: finished?.generation ?? 0,
    message: finished?.message ?? '',
    usage: {
      wallSeconds: secondsJson(usage?.wall),
      userCpuSeconds: secondsJson(usage?.userCpu),
      systemCpuSeconds: secondsJson(usage?.systemCpu),
      peakResidentBytes: usage?.peakResidentBytes ?? 0,
      stdoutBytes: usage?.stdoutBytes ?? 0,
      stderrBytes: usage?.stderrBytes ?? 0,
    },
  };
}

/** An exception of the code. */
export function errorJson(error: PythonError) {
  return {
    type: error.typeName,
    module: error.module,
    message: error.message,
    notes: error.notes,
    traceback: error.traceback,
    frames: error.frames.map(frameJson),
  };
}

function frameJson({ file, line, function: name, source }: StackFrame) {
  return { file, line, function: name, source };
}

/** Renderings by MIME type, in the order of their names: texts as they are, bytes as base64, as notebooks write them. */
export function bundleJson(bundle: MimeBundle): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  // On the way here they had no order.
  for (const mime of Object.keys(bundle.parts).sort()) {
    const content = bundle.parts[mime]?.content;
    if (content?.case === 'text') data[mime] = content.value;
    if (content?.case === 'data') data[mime] = Buffer.from(content.value).toString('base64');
  }
  return { data, metadata: rawJson(isOneValue(bundle.metadataJson) ? bundle.metadataJson : '{}') };
}
