/** A million float64 in the original's formats, until the last byte is there: its HTTP server was FastAPI with `json`. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import type { Measure } from '../measure.ts';
import { fastapi, startFastapi } from '../peers/fastapi.ts';
import { timed } from '../sampling.ts';

const overHttp = 'beep-python, `/api/tofloatarray`';
const overPipe = 'beep-python, the pipe (says them twice, for both of its readers)';
const count = 1_000_000;
const expression = `import array, random\narray.array('d', [random.random() for _ in range(${count})])`;

/** The measure. */
export const originalArray: Measure = {
  id: 'original-array',
  title: 'A million float64 as JSON, until all of it is there',
  unit: 'ms',
  quick: { rounds: 3, perRound: 2, warmUp: 1 },
  full: { rounds: 10, perRound: 3, warmUp: 2 },
  comparisons: [
    { id: 'original-array-http', ours: overHttp, peers: [fastapi] },
    { id: 'original-array-pipe', ours: overPipe, peers: [fastapi] },
  ],
  async open(context) {
    const { gateway, stack } = context;
    const peer = await startFastapi(context);
    const authorization = { authorization: gateway.authorization };
    const { handleId } = JSON.parse(String(await post(`${gateway.httpUrl}/api/eval`, { expression }, authorization)));
    const pipe = stack.use(await openPipe(gateway.pipe));
    const held = JSON.parse(String(await pipe.ask({ command: 'eval', payload: { expression } })));
    const read = (bytes: Buffer) => {
      if (bytes.length < 15 * count) throw new Error(`no million of numbers: ${bytes.subarray(0, 200)}`);
    };
    return [
      {
        name: overHttp,
        sample: () =>
          timed(async () => read(await post(`${gateway.httpUrl}/api/tofloatarray`, { handleId }, authorization))),
      },
      {
        name: overPipe,
        sample: () =>
          timed(async () =>
            read(await pipe.ask({ command: 'tofloatarray', payload: { handleId: held.result.handleId } })),
          ),
      },
      {
        name: fastapi,
        sample: () => timed(async () => read(await post(`${peer}/tofloatarray`, { handleId: 'array' }))),
      },
    ];
  },
};

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Buffer> {
  const call: ClientRequest = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  call.end(JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function openPipe(path: string) {
  const socket: Socket = createConnection(path);
  await once(socket, 'connect');
  return {
    async ask(line: object): Promise<Buffer> {
      const chunks: Buffer[] = [];
      const answer = new Promise<void>((resolve) => {
        const onData = (chunk: Buffer) => {
          chunks.push(chunk);
          if (chunk.at(-1) !== 0x0a) return;
          socket.off('data', onData);
          resolve();
        };
        socket.on('data', onData);
      });
      socket.write(`${JSON.stringify(line)}\n`);
      await answer;
      return Buffer.concat(chunks);
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
