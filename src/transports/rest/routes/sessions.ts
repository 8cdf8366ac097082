/** `/sessions`: create, look at, list, restart, close. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { decoded } from '../../../call.ts';
import { errors } from '../../../errors.ts';
import {
  CloseSessionRequestSchema,
  CreateSessionRequestSchema,
  GetSessionRequestSchema,
  ListSessionsRequestSchema,
  RestartSessionRequestSchema,
} from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { IsolationLevel } from '../../../gen/es/beep/python/v1/host_pb.ts';
import { json } from '../answers.ts';
import type { Route } from '../route.ts';
import { countFromQuery, type Fields, fieldsOf, flagFromQuery, maxUint32, mostSeconds } from './fields.ts';
import { checkedRequest, type PlainHandlers } from './handlers.ts';
import { sessionJson } from './session-json.ts';
import {
  aboutClose,
  aboutCreate,
  aboutGet,
  aboutList,
  aboutRestart,
  limitsBody,
  sessionBody,
} from './sessions-description.ts';

/** The routes. */
export function sessionRoutes(handlers: PlainHandlers): Route[] {
  const { execute } = handlers;
  return [
    {
      method: 'POST',
      path: '/sessions',
      about: aboutCreate,
      async handler({ call, json: body }) {
        const request = checkedRequest(
          handlers,
          CreateSessionRequestSchema,
          createInit(fieldsOf((await body()).value, sessionBody)),
        );
        return json(sessionJson(decoded(await execute.createSession(request, call))), 201);
      },
    },
    {
      method: 'GET',
      path: '/sessions',
      about: aboutList,
      async handler({ call, query }) {
        const request = checkedRequest(handlers, ListSessionsRequestSchema, {
          venv: query.get('venv') ?? '',
          labels: labelsFromQuery(query),
          includeClosed: flagFromQuery(query, 'includeClosed'),
          pageSize: countFromQuery(query, 'pageSize'),
          pageToken: query.get('pageToken') ?? '',
        });
        const { sessions, nextPageToken } = decoded(await execute.listSessions(request, call));
        return json({ sessions: sessions.map(sessionJson), nextPageToken });
      },
    },
    {
      method: 'GET',
      path: '/sessions/{id}',
      about: aboutGet,
      async handler({ call, params }) {
        const request = checkedRequest(handlers, GetSessionRequestSchema, { sessionId: params.id });
        return json(sessionJson(decoded(await execute.getSession(request, call))));
      },
    },
    {
      method: 'POST',
      path: '/sessions/{id}/restart',
      about: aboutRestart,
      async handler({ call, params }) {
        const request = checkedRequest(handlers, RestartSessionRequestSchema, { sessionId: params.id });
        return json(sessionJson(decoded(await execute.restartSession(request, call))));
      },
    },
    {
      method: 'DELETE',
      path: '/sessions/{id}',
      about: aboutClose,
      async handler({ call, params }) {
        const request = checkedRequest(handlers, CloseSessionRequestSchema, { sessionId: params.id });
        return json(sessionJson(decoded(await execute.closeSession(request, call))));
      },
    },
  ];
}

function createInit(fields: Fields): MessageInitShape<typeof CreateSessionRequestSchema> {
  const limits = fields.object('limits', limitsBody);
  return {
    idempotencyKey: fields.text('key'),
    spec: {
      venv: fields.text('venv'),
      preload: fields.list('preload'),
      env: fields.texts('env'),
      cwd: fields.text('cwd'),
      idleTimeout: fields.duration('idleTimeout', mostSeconds.span),
      labels: fields.texts('labels'),
      closeOnDeath: fields.flag('closeOnDeath'),
      isolation: isolationOf(fields.text('isolation')),
      limits: limits && {
        memoryBytes: bigintOf(limits.count('memoryBytes')),
        cpuTime: limits.duration('cpuSeconds', mostSeconds.span),
        processes: limits.count('processes', maxUint32),
        openFiles: limits.count('openFiles', maxUint32),
        fileBytes: bigintOf(limits.count('fileBytes')),
        outputBytes: bigintOf(limits.count('outputBytes')),
      },
    },
  };
}

/** `?label=name=value`, as often as there are labels to ask for. */
function labelsFromQuery(query: URLSearchParams): Record<string, string> {
  const pairs = query.getAll('label').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw errors.invalidArgument('label must be a name and a value, such as team=red', { field: 'label' });
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

const levels: Readonly<Record<string, IsolationLevel>> = {
  none: IsolationLevel.NONE,
  limits: IsolationLevel.LIMITS,
  sandboxed: IsolationLevel.SANDBOXED,
  strong: IsolationLevel.STRONG,
};

function isolationOf(name: string | undefined): IsolationLevel {
  if (name === undefined) return IsolationLevel.UNSPECIFIED;
  const level = levels[name.toLowerCase()];
  if (level === undefined) {
    throw errors.invalidArgument(`isolation must be one of ${Object.keys(levels).join(', ')}`, { field: 'isolation' });
  }
  return level;
}

function bigintOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
