/** The original's HTTP formats: `/api/*` as its client uses it, the root routes as its server offered them, `/rpc/*`. */
import type { Call } from '../call.ts';
import { BeepError, cut } from '../errors.ts';
import type { RouteDescription } from '../route-description.ts';
import type { CallerOf } from './caller.ts';
import { describeRow } from './description.ts';
import { detailAnswer, type FailureAnswer, failureAnswer } from './failure.ts';
import { type Members, pascalCase, readFields } from './fields.ts';
import type { NumbersReader } from './numbers.ts';
import type { Operations } from './operations.ts';
import { isNumbers, objectText, operationTable, type Reply, type Row } from './table.ts';

/** A JSON answer, whole or in parts. */
export type JsonText = string | AsyncIterable<string>;

/** One route, for a transport to serve. */
export interface JsonRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** For the description of the API; what only says that there is nothing has none. */
  readonly about?: RouteDescription;
  /** Answers with status 200; throws BeepError. */
  answer(members: Members, call: Call, params: Readonly<Record<string, string>>): Promise<JsonText>;
  /** Whatever went wrong, before or in `answer`. */
  refusal(error: unknown): FailureAnswer;
}

/** Routes by the listener that they belong to. */
export interface JsonRoutes {
  readonly http: readonly JsonRoute[];
  readonly rpc: readonly JsonRoute[];
}

/** Makes them all. */
export function createJsonRoutes(operations: Operations, callerOf: CallerOf): JsonRoutes {
  const answering =
    (row: Row, write: (reply: Reply) => JsonText): JsonRoute['answer'] =>
    async (members, call) =>
      write(await row.run(readFields(members, row.fields), operations, callerOf(call)));
  const paths = ({ command }: Row) => (command.includes('_') ? [command, command.replace('_', '-')] : [command]);
  const http = operationTable.flatMap((row) =>
    paths(row).flatMap((path): JsonRoute[] => [
      {
        method: 'POST',
        path: `/api/${path}`,
        about: describeRow(row, 'api', `/api/${path}`),
        answer: answering(row, apiText),
        refusal: (error) => failureAnswer(error),
      },
      {
        method: 'POST',
        path: `/${path}`,
        about: describeRow(row, 'root', `/${path}`),
        answer: answering(row, rootText),
        refusal: (error) => detailAnswer(error, row.command === 'call' || row.command === 'eval'),
      },
    ]),
  );
  const rpc = operationTable.map(
    (row): JsonRoute => ({
      method: 'POST',
      path: `/rpc/PythonService/${row.method}`,
      about: describeRow(row, 'rpc', `/rpc/PythonService/${row.method}`),
      answer: answering(row, rpcText),
      refusal: (error) => failureAnswer(error),
    }),
  );
  return { http: [...http, unknownApi], rpc: [...rpc, rpcHealth, unknownRpc] };
}

const rpcHealth: JsonRoute = {
  method: 'POST',
  path: '/rpc/PythonService/Health',
  answer: async () => '{"Status":"ok"}',
  refusal: (error) => failureAnswer(error),
};

const unknownRpc: JsonRoute = {
  method: 'POST',
  path: '/rpc/{service}/{method}',
  async answer(_members, _call, { service, method }) {
    throw new BeepError('ROUTE_NOT_FOUND', `Unknown service/method: ${cut(`${service}/${method}`, 200)}`);
  },
  refusal: (error) => failureAnswer(error),
};

const unknownApi: JsonRoute = {
  method: 'POST',
  path: '/api/{name}',
  async answer(_members, _call, { name }) {
    throw new BeepError('ROUTE_NOT_FOUND', `Unknown endpoint: /api/${cut(name as string, 200)}`);
  },
  refusal: (error) => failureAnswer(error),
};

function apiText(reply: Reply): JsonText {
  return isNumbers(reply) ? numbersText('', reply, '') : objectText(reply);
}

function rootText(reply: Reply): JsonText {
  return isNumbers(reply) ? numbersText('{"data":', reply, '}') : objectText(reply);
}

function rpcText(reply: Reply): JsonText {
  if (isNumbers(reply)) return numbersText('{"Data":', reply, '}');
  // Its reader wants the flag in both cases.
  const whole = 'value' in reply ? { ...reply, isHandle: 'false' } : reply;
  return objectText(Object.fromEntries(Object.entries(whole).map(([name, text]) => [pascalCase(name), text])));
}

async function* numbersText(before: string, numbers: NumbersReader, after: string): AsyncGenerator<string> {
  try {
    if (before !== '') yield before;
    yield* numbers.json();
    if (after !== '') yield after;
  } finally {
    numbers.close();
  }
}
