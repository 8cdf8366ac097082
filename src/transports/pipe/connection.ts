/** One client of the pipe: commands in lines, one after another, and an answer in a line to each of them. */
import type { Socket } from 'node:net';
import type { Call } from '../../call.ts';
import { errors } from '../../errors.ts';
import { memberText } from '../../json-pieces.ts';
import type { Dispatcher } from '../dispatch.ts';
import { IncomingCall, peerOf } from '../incoming-call.ts';
import { guardDepth } from '../json-guard.ts';
import { createLineReader, type Line } from './lines.ts';

/** Who answers the commands of one connection. */
export interface Conversation {
  knows(command: string): boolean;
  /** The payload is the JSON text that it is; `null` where there is none. */
  answer(command: string, payload: string, call: Call): Promise<string | AsyncIterable<string>>;
  refusal(error: unknown, command: string): string;
  close(): void;
}

/** What a connection needs. */
export interface ConnectionOptions {
  readonly dispatcher: Dispatcher;
  readonly conversation: Conversation;
  readonly maxMessageBytes: number;
}

/** A connection that is served. */
export interface Connection {
  /** Ends it once what runs has been answered. */
  end(): void;
}

// So many lines may wait; the client that sends more is not read for a while.
const maxWaiting = 64;

/** Serves a client until it goes. */
export function serveConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { dispatcher, conversation, maxMessageBytes } = options;
  const peer = peerOf(socket, 'pipe');
  const reader = createLineReader(maxMessageBytes);
  const waiting: Line[] = [];
  let waitingBytes = 0;
  let running: IncomingCall | undefined;
  let hasBegun = false;
  let isEnding = false;

  const put = (lines: readonly Line[]) => {
    for (const line of lines) {
      if (line.text === '') continue; // the mark at the beginning may come alone
      waiting.push(line);
      waitingBytes += line.bytes;
    }
    if (waiting.length > maxWaiting || waitingBytes > maxMessageBytes) socket.pause();
    if (running === undefined) next();
  };
  const next = () => {
    const line = isEnding ? undefined : waiting.shift();
    if (line === undefined) {
      running = undefined;
      if (isEnding || socket.readableEnded) socket.end();
      return;
    }
    waitingBytes -= line.bytes;
    if (socket.isPaused() && waiting.length <= maxWaiting && waitingBytes <= maxMessageBytes) socket.resume();
    void serve(line).then(next);
  };
  const serve = async (line: Line) => {
    let command = '';
    let payload = '';
    let malformed: unknown;
    try {
      ({ command, payload } = parse(line, maxMessageBytes));
    } catch (error) {
      malformed = error;
    }
    const name = conversation.knows(command) ? command : 'unknown';
    const call = new IncomingCall({ procedure: `pipe ${name}`, protocol: 'pipe', headers: new Map(), peer });
    call.traffic.received += line.bytes;
    running = call;
    hasBegun = false;
    const write = async (text: string) => {
      if (text === '') return;
      hasBegun = true;
      call.traffic.sent += Buffer.byteLength(text);
      if (socket.destroyed) throw errors.cancelled('the caller went away');
      if (!socket.write(text)) await drained(socket);
    };
    try {
      await dispatcher.runPlain(call, async () => {
        if (malformed !== undefined) throw malformed;
        const answer = await conversation.answer(command, payload, call);
        if (typeof answer === 'string') return await write(`${answer}\n`);
        for await (const part of answer) await write(part);
        await write('\n');
      });
    } catch (error) {
      if (socket.destroyed) return;
      if (hasBegun)
        socket.destroy(); // half a line cannot be taken back
      else await write(`${conversation.refusal(error, command)}\n`).catch(() => {});
    }
  };

  socket.on('data', (chunk: Buffer) => put(reader.push(chunk)));
  socket.on('end', () => {
    const last = reader.end();
    if (last !== undefined) put([last]);
    // Whether the client has gone or only says no more is seen by a write alone; in front of an answer a space is nothing.
    if (running === undefined) socket.end();
    else if (!hasBegun) socket.write(' ');
  });
  socket.on('error', () => {}); // 'close' follows
  socket.once('close', () => {
    isEnding = true;
    waiting.length = 0;
    running?.abort(errors.cancelled('the caller went away'));
    conversation.close();
  });

  return {
    end() {
      isEnding = true;
      if (running === undefined) socket.end();
    },
  };
}

function parse(line: Line, maxBytes: number): { command: string; payload: string } {
  if (line.bytes > maxBytes) throw errors.messageTooLarge(maxBytes, line.bytes);
  const { text } = line;
  if (text === undefined) throw errors.invalidArgument('the line is not UTF-8');
  guardDepth(Buffer.from(text));
  let command: unknown;
  try {
    command = JSON.parse(text)?.command;
  } catch (error) {
    throw errors.invalidArgument(`the line is no JSON: ${(error as Error).message}`);
  }
  if (typeof command !== 'string') throw errors.invalidArgument('command is missing; send {"command": "ping"}');
  return { command, payload: memberText(text, 'payload') ?? 'null' };
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      socket.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      socket.off('drain', onDrain);
      reject(errors.cancelled('the caller went away'));
    };
    socket.once('drain', onDrain);
    socket.once('close', onClose);
  });
}
