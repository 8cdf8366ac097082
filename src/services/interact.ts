/** Interact: Execute or WatchExecution, with SendInput and Interrupt on the same stream. */
import { create } from '@bufbuild/protobuf';
import { type Call, decoded, type Incoming, incomingMessage, type Outgoing, type ServiceImpl } from '../call.ts';
import { BeepError, errors, toBeepError } from '../errors.ts';
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type ExecuteService,
  type ExecutionEventSchema,
  type InputData,
  InputMode,
  type InteractRequestSchema,
  InterruptRequestSchema,
  SendInputRequestSchema,
  WatchExecutionRequestSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';

type Methods = Required<
  Pick<ServiceImpl<typeof ExecuteService>, 'execute' | 'watchExecution' | 'sendInput' | 'interrupt'>
>;
type Requests = AsyncIterator<Incoming<typeof InteractRequestSchema>>;

/** So many inputs may wait for the code to read; what comes behind them, interrupts too, stays with the caller. */
const maxWaitingInputs = 8;

/** Makes the method. */
export function createInteract(methods: Methods) {
  return async function* interact(
    incoming: AsyncIterable<Incoming<typeof InteractRequestSchema>>,
    call: Call,
  ): AsyncGenerator<Outgoing<typeof ExecutionEventSchema>> {
    const requests = incoming[Symbol.asyncIterator]();
    let isOver = false;
    const passRest = (executionId: string) => {
      const fail = (error: unknown) => {
        if (!isOver) call.abort(toBeepError(error)); // and the events end with it
      };
      pass(requests, executionId, methods, call, fail).catch(fail);
    };
    try {
      const first = (await requests.next()).value?.message.message;
      if (first?.case === 'execute') {
        let hasBegun = false;
        for await (const event of methods.execute(interactive(first.value), call)) {
          // Before its first event the execution has no place, and its id may not be known.
          if (!hasBegun) passRest(decoded(event).executionId);
          hasBegun = true;
          yield event;
        }
      } else if (first?.case === 'join') {
        passRest(first.value.executionId);
        const { executionId, fromSeq } = first.value;
        yield* methods.watchExecution(
          incomingMessage(WatchExecutionRequestSchema, create(WatchExecutionRequestSchema, { executionId, fromSeq })),
          call,
        );
      } else throw errors.invalidArgument('the first message must be execute or join');
    } finally {
      isOver = true;
      requests.return?.().catch(() => {}); // not awaited: it may wait for a message that never comes
    }
  };
}

function interactive(request: ExecuteRequest): Incoming<typeof ExecuteRequestSchema> {
  const isImplied = request.inputMode === InputMode.UNSPECIFIED && request.stdin.length === 0;
  const message = isImplied ? { ...request, inputMode: InputMode.INTERACTIVE } : request;
  return incomingMessage(ExecuteRequestSchema, message);
}

/** Hands on what follows the first message, input in its order. */
async function pass(
  requests: Requests,
  executionId: string,
  methods: Methods,
  call: Call,
  fail: (error: unknown) => void,
): Promise<void> {
  let inputs = Promise.resolve();
  let waiting = 0;
  const give = async (input: InputData) => {
    const request = create(SendInputRequestSchema, { executionId, input });
    await unlessEnded(methods.sendInput(incomingMessage(SendInputRequestSchema, request), call));
    waiting -= 1;
  };
  for (let next = await requests.next(); !next.done; next = await requests.next()) {
    const { message } = next.value.message;
    if (message.case === 'input') {
      const { value } = message;
      waiting += 1;
      inputs = inputs.then(() => give(value));
      inputs.catch(fail);
      if (waiting >= maxWaitingInputs) await inputs;
    } else if (message.case === 'interrupt') {
      // It is answered when the code has given in, which may take input that comes behind it.
      const request = create(InterruptRequestSchema, { itemId: executionId });
      unlessEnded(methods.interrupt(incomingMessage(InterruptRequestSchema, request), call)).catch(fail);
    } else throw errors.invalidArgument('execute and join can only be the first message');
  }
}

const endings = new Set(['EXECUTION_NOT_FOUND', 'LOG_EXPIRED', 'WORKER_LOST', 'NOTHING_RUNNING']);

/** What comes too late is nobody's mistake: the events say how the execution ended. */
async function unlessEnded(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const hasEnded =
      error instanceof BeepError &&
      (endings.has(error.reason) || (error.reason === 'INPUT_NOT_EXPECTED' && error.metadata.why === 'ended'));
    if (!hasEnded) throw error;
  }
}
