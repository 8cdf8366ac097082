/** The original's HTTP formats: `/api/*` as its client uses it, the root routes as its server offered them, `/rpc/*`. */
import type { Call } from '../call.ts';
import type { RouteDescription, Schema } from '../route-description.ts';
import type { CallerOf } from './caller.ts';
import { describeRow } from './description.ts';
import { detailAnswer, detailSchema, type FailureAnswer, failureAnswer, failureSchema } from './failure.ts';
import { camelCase, membersOf, pascalCase, readFields, type Spelling } from './fields.ts';
import type { NumbersReader } from './numbers.ts';
import type { Operations } from './operations.ts';
import { objectText } from './row.ts';
import { isNumbers, type OperationRow, operationTable, type Reply } from './table.ts';

/** A JSON answer, whole or in parts. */
export type JsonText = string | AsyncIterable<string>;

/** One route, for a transport to serve. */
export interface JsonRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly about: RouteDescription;
  /** Answers a body, a text that is known to be JSON, with status 200; throws BeepError. */
  answer(body: string, call: Call): Promise<JsonText>;
  /** Whatever went wrong, before or in `answer`. */
  refusal(error: unknown): FailureAnswer;
}

/** Routes by the listener that they belong to: whoever reaches the HTTP port alone has `/rpc/*` there, too. */
export interface JsonRoutes {
  readonly http: readonly JsonRoute[];
  readonly rpc: readonly JsonRoute[];
}

/** How one of the formats says what the table has. */
interface Format {
  readonly tag: string;
  readonly paths: (row: OperationRow) => readonly string[];
  readonly spelling: Spelling;
  readonly write: (reply: Reply) => JsonText;
  readonly isBare?: boolean;
  readonly refusal: (error: unknown, row: OperationRow) => FailureAnswer;
  readonly error: Schema;
}

/** Its client wrote a dash where its server had none. */
const pathsBelow = (prefix: string) => (row: OperationRow) =>
  [...new Set([row.command, row.command.replace('_', '-')])].map((name) => `${prefix}/${name}`);

const api: Format = {
  tag: "The original's client",
  paths: pathsBelow('/api'),
  spelling: camelCase,
  write: (reply) => (isNumbers(reply) ? numbersText('', reply, '') : objectText(reply)),
  isBare: true,
  refusal: (error) => failureAnswer(error),
  error: failureSchema,
};

const root: Format = {
  tag: "The original's server",
  paths: pathsBelow(''),
  spelling: camelCase,
  write: (reply) => (isNumbers(reply) ? numbersText('{"data":', reply, '}') : objectText(reply)),
  refusal: (error, { command }) => detailAnswer(error, command === 'call' || command === 'eval'),
  error: detailSchema,
};

const rpc: Format = {
  tag: "The original's RPC client",
  paths: ({ method }) => [`/rpc/PythonService/${method}`],
  spelling: pascalCase,
  write(reply) {
    if (isNumbers(reply)) return numbersText('{"Data":', reply, '}');
    // Its reader wants the flag in both cases.
    const whole = 'value' in reply ? { ...reply, isHandle: 'false' } : reply;
    return objectText(Object.fromEntries(Object.entries(whole).map(([name, text]) => [pascalCase(name), text])));
  },
  refusal: (error) => failureAnswer(error),
  error: failureSchema,
};

/** Makes them all. */
export function createJsonRoutes(operations: Operations, callerOf: CallerOf): JsonRoutes {
  const routesOf = (format: Format): JsonRoute[] =>
    operationTable.flatMap((row) =>
      format.paths(row).map(
        (path): JsonRoute => ({
          method: 'POST',
          path,
          about: describeRow(row, { path, ...format }),
          async answer(body, call) {
            const fields = readFields(membersOf(body), row.fields, format.spelling);
            return format.write(await row.run(fields, operations, callerOf(call)));
          },
          refusal: (error) => format.refusal(error, row),
        }),
      ),
    );
  const ofRpc = [...routesOf(rpc), rpcHealth];
  return { http: [...routesOf(api), ...routesOf(root), ...ofRpc], rpc: ofRpc };
}

const rpcHealth: JsonRoute = {
  method: 'POST',
  path: '/rpc/PythonService/Health',
  about: describeRow(
    { meaning: 'Whether it is there', fields: {}, answer: { status: { const: 'ok' } } },
    { path: '/rpc/PythonService/Health', ...rpc, hasSession: false },
  ),
  async answer(body) {
    membersOf(body); // nothing else than an object, as everywhere
    return '{"Status":"ok"}';
  },
  refusal: (error) => failureAnswer(error),
};

async function* numbersText(before: string, numbers: NumbersReader, after: string): AsyncGenerator<string> {
  try {
    if (before !== '') yield before;
    yield* numbers.json();
    if (after !== '') yield after;
  } finally {
    numbers.close();
  }
}
