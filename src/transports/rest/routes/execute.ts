/** `POST /execute`: runs code and answers with all that came of it, or with the events as they happen. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { decoded } from '../../../call.ts';
import { errors } from '../../../errors.ts';
import { ExecuteRequestSchema, InputMode, OnDisconnect } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { json } from '../answers.ts';
import type { JsonBody, RestRequest, Route } from '../route.ts';
import { eventAnswer, wantedStream } from './event-stream.ts';
import { aboutExecute, executeBody } from './execute-description.ts';
import { type Fields, fieldsOf, mostSeconds } from './fields.ts';
import { checkedRequest, type PlainHandlers } from './handlers.ts';
import { resultJson } from './result-json.ts';
import { sourceFrom } from './source.ts';

/** The route. */
export function executeRoutes(handlers: PlainHandlers): Route[] {
  const handler = async (request: RestRequest) => {
    const { call } = request;
    const body = await request.json();
    const fields = fieldsOf(body.value, executeBody);
    const execute = checkedRequest(handlers, ExecuteRequestSchema, executeInit(fields, body));
    if (fields.flag('detach')) return json(await handlers.submit(execute, call), 202);
    const stream = wantedStream(request.headers.get('accept'));
    if (stream !== undefined) return eventAnswer(handlers.execute.execute(execute, call), stream);
    return json(resultJson(decoded(await handlers.execute.run(execute, call))));
  };
  return [{ method: 'POST', path: '/execute', about: aboutExecute, handler }];
}

function executeInit(fields: Fields, body: JsonBody): MessageInitShape<typeof ExecuteRequestSchema> {
  const stdin = fields.text('stdin');
  return {
    where: where(fields),
    executionId: fields.text('executionId'),
    source: sourceFrom(fields, body),
    env: fields.texts('env'),
    cwd: fields.text('cwd'),
    argv: fields.list('argv'),
    timeout: fields.duration('timeout', mostSeconds.span),
    stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
    inputMode: inputMode(fields),
    onDisconnect: fields.flag('detach') ? OnDisconnect.DETACH : OnDisconnect.UNSPECIFIED,
  };
}

/** A `stdin` of "" is input too, and ends at once. */
function inputMode(fields: Fields): InputMode {
  const isPreset = fields.text('stdin') !== undefined;
  if (!fields.flag('interactive')) return isPreset ? InputMode.PRESET : InputMode.UNSPECIFIED;
  if (!isPreset) return InputMode.INTERACTIVE;
  throw errors.invalidArgument('stdin and interactive are two kinds of input; send one of them', { field: 'stdin' });
}

/** A session, a fresh one in the environment named, or the default session. */
function where(fields: Fields): MessageInitShape<typeof ExecuteRequestSchema>['where'] {
  const sessionId = fields.text('sessionId');
  const venv = fields.text('venv');
  if (sessionId !== undefined && venv !== undefined)
    throw errors.invalidArgument('a session has its environment already: send sessionId, or venv for a fresh one', {
      field: 'venv',
    });
  if (sessionId !== undefined) return { case: 'sessionId', value: sessionId };
  return venv === undefined ? undefined : { case: 'fresh', value: { venv } };
}
