/** The original's JSON lines: commands in the session of their connection, and answers that both of its readers take. */
import { create, fromBinary } from '@bufbuild/protobuf';
import type { Call } from '../call.ts';
import { BeepError, cut } from '../errors.ts';
import { SessionSchema, SessionSpecSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import { describeSession, durationOf, type SessionDefaults } from '../services/locate.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { failureAnswer } from './failure.ts';
import { type Members, readFields } from './fields.ts';
import type { JsonText } from './http.ts';
import type { NumbersReader } from './numbers.ts';
import type { Caller, Operations } from './operations.ts';
import { isNumbers, membersText, objectText, operationTable, type Reply } from './table.ts';

/** A command that is no operation: gets the payload and the connection's session, gives the text of its result. */
export type OtherCommand = (payload: Members, call: Call, session: () => Promise<string>) => Promise<string>;

/** What the commands need. */
export interface PipeOptions {
  readonly operations: Operations;
  readonly directory: SessionDirectory;
  readonly defaults: SessionDefaults;
  readonly others: Readonly<Record<string, OtherCommand>>;
}

/** One connection. */
export interface Conversation {
  /** Whether there is such a command. */
  knows(command: string): boolean;
  /** Answers a command with a line, in parts where it is long; throws BeepError. */
  answer(command: string, payload: Members, call: Call): Promise<JsonText>;
  /** The line that says what went wrong. */
  refusal(error: unknown): string;
  /** The client has gone: so does its session. */
  close(): void;
}

const rows = new Map(operationTable.map((row) => [row.command, row]));

/** Makes what opens conversations. */
export function createPipe({ operations, directory, defaults, others }: PipeOptions): () => Conversation {
  return () => {
    let opened: Promise<{ principal: string; sessionId: string }> | undefined;
    let isClosed = false;
    const open = async (principal: string) => {
      const idleTimeout = durationOf(defaults.defaultSessionIdleTimeoutMs);
      const session = await directory.open(
        await describeSession(principal, create(SessionSpecSchema, { idleTimeout }), defaults),
      );
      return { principal, sessionId: fromBinary(SessionSchema, session).id };
    };
    const session = async (principal: string): Promise<string> => {
      const known = await opened?.catch(() => undefined);
      if (known === undefined || !directory.isOpen(known.sessionId)) opened = open(principal);
      const { sessionId } = await (opened as NonNullable<typeof opened>);
      if (isClosed) end();
      return sessionId;
    };
    const end = () => {
      opened?.then(leave).catch(() => {}); // it never was, or ended by itself
      opened = undefined;
    };
    /** After what ran, and is being stopped: closed at once, it would be killed in the middle of its cleaning up. */
    const leave = async ({ principal, sessionId }: Awaited<ReturnType<typeof open>>) => {
      const caller: Caller = { principal, onAbort: () => () => {}, session: () => Promise.resolve(sessionId) };
      await operations.disposeHandle({ handleId: '' }, caller).catch(() => {});
      await directory.link(principal, sessionId).closeSession(sessionId);
    };
    return {
      knows: (command) => command === 'ping' || rows.has(command) || Object.hasOwn(others, command),
      async answer(command, payload, call) {
        const mine = () => session(call.principal);
        if (command === 'ping') return lineOf({ status: '"ok"' });
        const other = Object.hasOwn(others, command) ? others[command] : undefined;
        if (other !== undefined) return other(payload, call, mine);
        const row = rows.get(command);
        if (row === undefined) throw new BeepError('ROUTE_NOT_FOUND', `Unknown command: ${cut(command, 200)}`);
        const caller: Caller = {
          principal: call.principal,
          onAbort: (listener) => call.onAbort(listener),
          session: mine,
        };
        return lineOf(await row.run(readFields(payload, row.fields), operations, caller));
      },
      refusal: (error) => failureAnswer(error).body,
      close() {
        isClosed = true;
        end();
      },
    };
  };
}

/** The original's client reads `result`, those who called its server the fields beside it. */
function lineOf(reply: Reply): JsonText {
  return isNumbers(reply) ? numbersLine(reply) : `{"result":${objectText(reply)},${membersText(reply)}}`;
}

async function* numbersLine(numbers: NumbersReader): AsyncGenerator<string> {
  try {
    yield '{"result":';
    yield* numbers.jsonTwice(',"data":');
    yield '}';
  } finally {
    numbers.close();
  }
}
