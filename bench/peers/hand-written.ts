/** The service that people write by hand with grpcio, in its two styles, called with the client that we are called with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createFileRegistry, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { code } from '../clients/gateway.ts';
import { createGrpcCaller } from '../clients/grpc.ts';
import type { Context } from '../measure.ts';

/** A style of writing it: the name of its program. */
export type Style = 'threads' | 'aio';

/** Both, as they are called in tables. */
export const handWritten: Readonly<Record<Style, string>> = {
  threads: 'hand-written grpcio, threads',
  aio: 'hand-written grpcio, asyncio',
};

/** A service that runs. */
export interface HandWritten {
  readonly pid: number;
  readonly port: number;
  /** Evaluates `1+1` in it, once. */
  evaluate(): Promise<void>;
  /** The bytes of an array of so many float64. */
  array(count: number): Promise<Uint8Array>;
}

/** Starts the service. */
export async function startHandWritten(style: Style, context: Context): Promise<HandWritten> {
  const { python, generated } = context.peerEnvironment;
  const child = spawn(python, [join(import.meta.dirname, 'hand_written', `${style}.py`)], {
    env: { ...process.env, PYTHONPATH: generated },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  context.stack.defer(async () => {
    child.stdin.end();
    await exited;
  });
  const ended = exited.then(() =>
    Promise.reject(new Error(`the peer ${handWritten[style]} ended instead of starting`)),
  );
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  return {
    pid: child.pid as number,
    port: Number(port),
    evaluate: await evaluateAt(Number(port), context),
    array: await arrayAt(Number(port), context),
  };
}

/** What evaluates `1+1` in the service behind a port, once. */
export async function evaluateAt(port: number, { peerEnvironment, stack }: Context): Promise<() => Promise<void>> {
  const caller = stack.use(createGrpcCaller(`127.0.0.1:${port}`));
  const method = await methodOf(peerEnvironment.generated, 'evaluate');
  return async () => {
    const answer = (await caller.unary(method, { code })) as { result?: unknown };
    if (answer.result !== '2') throw new Error(`the hand-written service: 1+1 gave ${answer.result}`);
  };
}

async function arrayAt(port: number, { peerEnvironment, stack }: Context): Promise<HandWritten['array']> {
  const caller = stack.use(createGrpcCaller(`127.0.0.1:${port}`));
  const method = await methodOf(peerEnvironment.generated, 'readArray');
  return async (count) => ((await caller.unary(method, { count })) as unknown as { data: Uint8Array }).data;
}

async function methodOf(generated: string, name: string): Promise<DescMethod> {
  const files = fromBinary(FileDescriptorSetSchema, await readFile(join(generated, 'evaluate.binpb')));
  const method = createFileRegistry(files).getService('bench.Evaluator')?.method[name];
  if (method === undefined) throw new Error('the descriptors of the peer have no such method');
  return method;
}
