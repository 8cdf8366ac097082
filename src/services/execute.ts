/** ExecuteService: sessions, and the code that runs in them. */
import type { ServiceImpl } from '../call.ts';
import type { ExecuteService } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { createClaims } from './claims.ts';
import { createDetachedExecutions } from './detached.ts';
import { createSendInput } from './input.ts';
import { createInteract } from './interact.ts';
import { createInterrupt } from './interrupt.ts';
import type { SessionDefaults } from './locate.ts';
import { createLooking } from './looking.ts';
import { createReadOutput } from './read-output.ts';
import { createRun } from './run.ts';
import { createSessions } from './sessions.ts';
import { createWatch } from './watch.ts';
import { createLostExecutions } from './worker-loss.ts';

/** What the service needs. */
export interface ExecuteServiceOptions {
  readonly directory: SessionDirectory;
  readonly defaults: SessionDefaults;
}

/** The service, and `submit`, which is Execute for callers who read the events later. */
export function createExecuteService({ directory, defaults }: ExecuteServiceOptions) {
  const claims = createClaims();
  const lost = createLostExecutions();
  const detached = createDetachedExecutions(lost);
  const { run, execute, submit } = createRun({ directory, defaults, claims, lost, detached });
  const watch = createWatch({ directory, claims, lost, detached });
  const interrupt = createInterrupt(directory);
  const { sendInput, sendInputWhenThereIsRoom } = createSendInput(directory, lost);
  const service = {
    run,
    execute,
    ...watch,
    readOutput: createReadOutput({ directory, claims, lost }),
    interrupt,
    sendInput,
    interact: createInteract({ execute, ...watch, interrupt, sendInput: sendInputWhenThereIsRoom }),
    ...createSessions(directory, defaults, lost),
    ...createLooking(directory),
  } satisfies ServiceImpl<typeof ExecuteService>;
  return { service, submit };
}
