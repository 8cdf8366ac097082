/** What the original's .NET clients put on the wire, byte for byte, and a reader of HTTP that takes nothing amiss. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

const short: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** JSON as System.Text.Json's default encoder has it: within texts, all that is no plain ASCII by its number. */
export function asDotnetWritesIt(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (literal) => {
    const text = JSON.parse(literal) as string;
    return `"${text.replace(/[^ !#-%(-*,-;=?-[\]-_a-~]/g, (unit) => short[unit] ?? numbered(unit))}"`;
  });
}

function numbered(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

// HttpClient hands over what its buffer holds.
const chunkBytes = 16_384;

/** A request with a body whose length nobody knows beforehand, as that of JsonContent. */
export function chunkedRequest(path: string, host: string, json: string): Buffer {
  const body = Buffer.from(json);
  const parts = [
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n${jsonType}\r\n`),
  ];
  for (let from = 0; from < body.length; from += chunkBytes) {
    const chunk = body.subarray(from, from + chunkBytes);
    parts.push(Buffer.from(`${chunk.length.toString(16).toUpperCase()}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** A request with a body of known length, as that of StringContent. */
export function wholeRequest(path: string, host: string, json: string): Buffer {
  const length = Buffer.byteLength(json);
  return Buffer.from(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${jsonType}Content-Length: ${length}\r\n\r\n${json}`);
}

const jsonType = 'Content-Type: application/json; charset=utf-8\r\n';

/** An answer of HTTP/1.1. */
export interface HttpAnswer {
  readonly status: number;
  /** From the status to the empty line. */
  readonly head: string;
  readonly text: string;
}

interface Connection {
  readonly socket: Socket;
  readonly read: () => Promise<HttpAnswer>;
}

/** A client of one address that keeps its connections, as HttpClient does. */
export function httpClient(url: string) {
  const { port } = new URL(url);
  const idle: Connection[] = [];
  return {
    /** As its clients name it. */
    host: `localhost:${port}`,
    /** Sends these very bytes. */
    async exchange(bytes: Buffer | string, signal?: AbortSignal): Promise<HttpAnswer> {
      const connection = idle.pop() ?? (await connect(Number(port)));
      const gone = () => connection.socket.destroy();
      signal?.addEventListener('abort', gone);
      try {
        connection.socket.write(bytes);
        const answer = await connection.read();
        idle.push(connection);
        return answer;
      } catch (error) {
        gone();
        throw error;
      } finally {
        signal?.removeEventListener('abort', gone);
      }
    },
    close() {
      for (const { socket } of idle.splice(0)) socket.destroy();
    },
  };
}

/** One request by its very bytes, and its answer. */
export async function exchange(url: string, bytes: Buffer | string): Promise<HttpAnswer> {
  const client = httpClient(url);
  try {
    return await client.exchange(bytes);
  } finally {
    client.close();
  }
}

async function connect(port: number): Promise<Connection> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  const chunks: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { value, done } = await chunks.next();
    if (done) throw new Error('the connection was closed in the middle of an answer');
    return value;
  };
  const line = async () => {
    for (;;) {
      const end = buffered.indexOf('\r\n');
      if (end !== -1) {
        const text = buffered.toString('latin1', 0, end);
        buffered = buffered.subarray(end + 2);
        return text;
      }
      buffered = Buffer.concat([buffered, await more()]);
    }
  };
  const bytes = async (count: number) => {
    const parts: Buffer[] = [];
    for (let left = count; left > 0; ) {
      if (buffered.length === 0) buffered = await more();
      const part = buffered.subarray(0, left);
      buffered = buffered.subarray(part.length);
      parts.push(part);
      left -= part.length;
    }
    return parts;
  };
  return {
    socket,
    async read() {
      const lines: string[] = [];
      for (let text = await line(); text !== ''; text = await line()) lines.push(text);
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(lines[0] as string) ?? [];
      if (status === undefined) throw new Error(`no answer of HTTP/1.1: ${lines[0]}`);
      const header = (name: string) =>
        lines.find((text) => text.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
      const parts: Buffer[] = [];
      if (header('transfer-encoding') === 'chunked') {
        for (let size = -1; size !== 0; ) {
          size = Number.parseInt(await line(), 16);
          parts.push(...(await bytes(size)));
          if ((await line()) !== '') throw new Error('a chunk is longer than it says');
        }
      } else parts.push(...(await bytes(Number(header('content-length')))));
      return { status: Number(status), head: `${lines.join('\r\n')}\r\n`, text: Buffer.concat(parts).toString() };
    },
  };
}
