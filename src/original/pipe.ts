/** The original's JSON lines: commands in the session of their connection, and answers that both of its readers take. */
import type { Call } from '../call.ts';
import { BeepError, cut } from '../errors.ts';
import type { SessionDefaults } from '../services/locate.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { type FailureAnswer, failureAnswer } from './failure.ts';
import { type Members, membersOf, readFields } from './fields.ts';
import type { JsonText } from './http.ts';
import type { NumbersReader } from './numbers.ts';
import type { Operations } from './operations.ts';
import { createOwnSession } from './own-session.ts';
import { objectText } from './row.ts';
import { isNumbers, operationTable, type Reply } from './table.ts';

/** A command that is no operation. */
export interface OtherCommand {
  /** Gets the payload and the connection's session, gives the line. */
  readonly answer: (payload: Members, call: Call, session: () => Promise<string>) => Promise<string>;
  /** How errors are said here; undefined: as everywhere. */
  readonly refusal?: (error: unknown) => FailureAnswer;
}

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
  /** Answers a command with a line, in parts where it is long; its payload is known to be JSON. Throws BeepError. */
  answer(command: string, payload: string, call: Call): Promise<JsonText>;
  /** The line that says what went wrong. */
  refusal(error: unknown, command: string): string;
  /** The client has gone: so does its session. */
  close(): void;
}

const rows = new Map(operationTable.map((row) => [row.command, row]));

/** Makes what opens conversations. */
export function createPipe({ operations, directory, defaults, others }: PipeOptions): () => Conversation {
  const otherOf = (command: string) => (Object.hasOwn(others, command) ? others[command] : undefined);
  return () => {
    const own = createOwnSession(directory, defaults);
    return {
      knows: (command) => command === 'ping' || rows.has(command) || otherOf(command) !== undefined,
      async answer(command, payload, call) {
        if (command === 'ping') return lineOf({ status: '"ok"' }); // whatever comes with it
        const session = () => own.id(call.principal);
        const members: Members = payload === 'null' ? new Map() : membersOf(payload, 'payload');
        const other = otherOf(command);
        if (other !== undefined) return other.answer(members, call, session);
        const row = rows.get(command);
        if (row === undefined) throw new BeepError('ROUTE_NOT_FOUND', `Unknown command: ${cut(command, 200)}`);
        const caller = { principal: call.principal, onAbort: call.onAbort.bind(call), session };
        return lineOf(await row.run(readFields(members, row.fields), operations, caller));
      },
      refusal: (error, command) => (otherOf(command)?.refusal ?? failureAnswer)(error).body,
      close: own.end,
    };
  };
}

/** An object as the original's client reads it, in `result`, and as those did who called its server: beside that. */
export function twice(objectText: string, flat = objectText): string {
  return `{"result":${objectText},${flat.slice(1)}`;
}

function lineOf(reply: Reply): JsonText {
  if (isNumbers(reply)) return numbersLine(reply);
  // Out there, `error` says that the command failed.
  const { error, ...flat } = reply;
  return error === undefined ? twice(objectText(reply)) : twice(objectText(reply), objectText(flat));
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
