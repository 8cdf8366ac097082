/** `/executions/{id}` and what lies below: an execution by its id. */
import { type Call, decoded, type Outgoing } from '../../../call.ts';
import { errors } from '../../../errors.ts';
import {
  type ExecutionEventSchema,
  ExecutionStateSchema,
  GetExecutionRequestSchema,
  InterruptRequestSchema,
  SendInputRequestSchema,
  StopRungSchema,
  WatchExecutionRequestSchema,
} from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { empty, json } from '../answers.ts';
import type { RestAnswer, RestRequest, Route } from '../route.ts';
import { enumName } from './enum-name.ts';
import { eventAnswer, wantedStream } from './event-stream.ts';
import {
  aboutEvents,
  aboutExecution,
  aboutInput,
  aboutInterrupt,
  aboutSessionInterrupt,
  inputBody,
  interruptBody,
} from './executions-description.ts';
import { fieldsOf, maxUint32, mostSeconds, secondsFromQuery, seqFrom } from './fields.ts';
import { checkedRequest, type PlainHandlers } from './handlers.ts';
import { resultJson } from './result-json.ts';
import { timeJson } from './time-json.ts';

/** The routes. */
export function executionRoutes(handlers: PlainHandlers): Route[] {
  return [
    {
      method: 'GET',
      path: '/executions/{id}',
      about: aboutExecution,
      async handler({ call, params, query }) {
        const request = checkedRequest(handlers, GetExecutionRequestSchema, {
          executionId: params.id,
          wait: secondsFromQuery(query, 'wait', mostSeconds.wait),
        });
        const info = decoded(await handlers.execute.getExecution(request, call));
        return json({
          state: enumName(ExecutionStateSchema, info.state),
          executionId: info.executionId,
          sessionId: info.sessionId,
          acceptedAt: timeJson(info.acceptedAt),
          startedAt: timeJson(info.startedAt),
          finishedAt: timeJson(info.finishedAt),
          firstSeq: info.firstSeq,
          nextSeq: info.nextSeq,
          ...(info.result && resultJson(info.result)),
        });
      },
    },
    {
      method: 'GET',
      path: '/executions/{id}/events',
      about: aboutEvents,
      handler: (request) => events(handlers, request),
    },
    {
      method: 'POST',
      path: '/executions/{id}/input',
      about: aboutInput,
      handler: (request) => input(handlers, request),
    },
    {
      method: 'POST',
      path: '/executions/{id}/interrupt',
      about: aboutInterrupt,
      handler: (request) => interrupt(handlers, request, { itemId: request.params.id }),
    },
    {
      method: 'POST',
      path: '/sessions/{id}/interrupt',
      about: aboutSessionInterrupt,
      handler: (request) => interrupt(handlers, request, { sessionId: request.params.id }),
    },
  ];
}

/** From `?from=` on, or behind `Last-Event-ID`, as a browser's EventSource sends it when it comes back. */
async function events(handlers: PlainHandlers, { call, params, query, headers }: RestRequest): Promise<RestAnswer> {
  const last = seqFrom(headers.get('last-event-id') || undefined, 'Last-Event-ID');
  const from = seqFrom(query.get('from'), 'from');
  const request = checkedRequest(handlers, WatchExecutionRequestSchema, {
    executionId: params.id,
    fromSeq: last === undefined ? from : last + 1n,
  });
  const form = wantedStream(headers.get('accept')) ?? 'ndjson';
  const stream = handlers.execute.watchExecution(request, call);
  if (last === undefined) return eventAnswer(stream, form);
  const rest = await ifAny(stream);
  return rest === undefined ? empty(204) : eventAnswer(rest, form);
}

/** The stream, or undefined when it ends without a single event. */
async function ifAny(
  stream: AsyncIterable<Outgoing<typeof ExecutionEventSchema>>,
): Promise<AsyncIterable<Outgoing<typeof ExecutionEventSchema>> | undefined> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return (async function* () {
    try {
      yield first.value;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** `text` as the code reads it: a line ends with "\n". */
async function input(handlers: PlainHandlers, { call, params, json: body }: RestRequest): Promise<RestAnswer> {
  const fields = fieldsOf((await body()).value, inputBody);
  const text = fields.text('text') ?? '';
  const endOfFile = fields.flag('eof');
  if (text === '' && !endOfFile) {
    throw errors.invalidArgument('text is empty; send some, or "eof": true', { field: 'text' });
  }
  const request = checkedRequest(handlers, SendInputRequestSchema, {
    executionId: params.id,
    input: {
      data: Buffer.from(text, 'utf8'),
      endOfFile,
      requestId: fields.count('requestId', maxUint32),
    },
  });
  await handlers.execute.sendInput(request, call);
  return json({});
}

async function interrupt(
  handlers: PlainHandlers,
  { call, json: body }: { call: Call; json: RestRequest['json'] },
  target: { itemId?: string; sessionId?: string },
): Promise<RestAnswer> {
  const fields = fieldsOf((await body()).value, interruptBody);
  const request = checkedRequest(handlers, InterruptRequestSchema, {
    ...target,
    grace: fields.duration('grace', mostSeconds.grace),
    kill: fields.flag('kill'),
  });
  const { stoppedBy, statePreserved } = decoded(await handlers.execute.interrupt(request, call));
  return json({ stoppedBy: enumName(StopRungSchema, stoppedBy), statePreserved });
}
