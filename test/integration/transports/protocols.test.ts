/** One list of scenarios, over every protocol and port, by clients that are not ours. */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObjectService } from '../../../src/gen/es/beep/python/v1/object_pb.ts';
import {
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from '../../../src/gen/es/google/rpc/error_details_pb.ts';
import {
  abortOf,
  authorization,
  code,
  executeClient,
  type Gateway,
  maxMessageBytes,
  protocols,
  startGateway,
  transportOf,
} from './gateway.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway.close();
});

async function refusal(promise: Promise<unknown>): Promise<ConnectError> {
  return await promise.then(
    () => {
      throw new Error('the call went well');
    },
    (error) => ConnectError.from(error),
  );
}

function reasonOf(error: ConnectError): string | undefined {
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const value of values) result.push(value);
  return result;
}

describe.each(protocols)('%s', (protocol) => {
  const isFullDuplex = !protocol.includes('1.1');

  test('a unary call is answered', async () => {
    const result = await executeClient(gateway, protocol).run(code('hello'));
    expect(result).toMatchObject({ text: 'hello', stdout: 'token:default' });
  });

  test('an answer that is encoded already arrives', async () => {
    expect(await executeClient(gateway, protocol).run(code('encoded text'))).toMatchObject({ text: 'text' });
  });

  test('a stream is answered message by message, in order', async () => {
    const events = await all(executeClient(gateway, protocol).execute(code('count 100')));
    expect(events.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('an empty stream ends well', async () => {
    expect(await all(executeClient(gateway, protocol).execute(code('count 0')))).toEqual([]);
  });

  test('an error has its code, its reason, facts, when to retry, and a request id', async () => {
    const error = await refusal(
      executeClient(gateway, protocol, { authorization, 'x-request-id': 'mine-1' }).run(code('QUEUE_FULL full')),
    );
    expect(error).toMatchObject({ code: Code.ResourceExhausted, rawMessage: 'full' });
    expect(error.findDetails(ErrorInfoSchema)[0]).toMatchObject({
      reason: 'QUEUE_FULL',
      domain: 'beep.python',
      metadata: { asked: 'yes' },
    });
    expect(error.findDetails(RetryInfoSchema)[0]?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
    expect(error.findDetails(RequestInfoSchema)[0]?.requestId).toBe('mine-1');
  });

  test('an error within a stream comes after what was sent before it', async () => {
    const events: unknown[] = [];
    const error = await refusal(
      (async () => {
        for await (const event of executeClient(gateway, protocol).execute(code('break'))) events.push(event);
      })(),
    );
    expect(events).toHaveLength(1);
    expect(reasonOf(error)).toBe('WORKER_LOST');
  });

  test('what breaks inside is INTERNAL and tells nothing', async () => {
    const error = await refusal(executeClient(gateway, protocol).run(code('throw')));
    expect(error.code).toBe(Code.Internal);
    expect(reasonOf(error)).toBe('INTERNAL');
    expect(error.message).not.toContain('secret');
  });

  test('a message beyond ASCII arrives whole', async () => {
    const error = await refusal(executeClient(gateway, protocol).run(code('VENV_NOT_FOUND größer_100%_日本')));
    expect(error.rawMessage).toBe('größer_100%_日本');
  });

  test('a very long message is cut rather than lost', async () => {
    const error = await refusal(executeClient(gateway, protocol).run(code(`VENV_NOT_FOUND ${'ä'.repeat(20_000)}`)));
    expect(reasonOf(error)).toBe('VENV_NOT_FOUND');
    expect(error.rawMessage).toMatch(/^ä{300,}\.\.\.$/);
  });

  test('a request that breaks a rule names the field', async () => {
    const error = await refusal(executeClient(gateway, protocol).run({}));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(reasonOf(error)).toBe('INVALID_ARGUMENT');
    expect(error.rawMessage).toContain('source');
  });

  test('a method without a handler says so, by name', async () => {
    const error = await refusal(executeClient(gateway, protocol).getSession({}));
    expect(error.code).toBe(Code.Unimplemented);
    expect(reasonOf(error)).toBe('NOT_IMPLEMENTED');
    expect(error.rawMessage).toContain('beep.python.v1.ExecuteService/GetSession');
  });

  test('a request beyond the limit is refused, with the limit', async () => {
    const error = await refusal(executeClient(gateway, protocol).run(code('x'.repeat(maxMessageBytes + 1))));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(error.findDetails(ErrorInfoSchema)[0]).toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { maxBytes: String(maxMessageBytes) },
    });
  });

  test('an answer beyond the limit is refused too', async () => {
    const error = await refusal(executeClient(gateway, protocol).run(code(`large ${maxMessageBytes + 1}`)));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(reasonOf(error)).toBe('MESSAGE_TOO_LARGE');
  });

  test('a message just below the limit passes both ways', async () => {
    const text = 'x'.repeat(maxMessageBytes - 200);
    expect((await executeClient(gateway, protocol).run(code(text))).text).toBe(text);
  });

  test('a caller that cancels stops the handler of a unary call', async () => {
    gateway.observed.aborted.delete('run');
    const controller = new AbortController();
    const call = refusal(executeClient(gateway, protocol).run(code('hang'), { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect((await call).code).toBe(Code.Canceled);
    expect(await abortOf(gateway.observed, 'run')).toBe('CANCELLED');
  });

  test('a caller that cancels stops the handler of a stream', async () => {
    gateway.observed.aborted.delete('execute');
    const controller = new AbortController();
    for await (const _ of executeClient(gateway, protocol).execute(code('hang'), { signal: controller.signal })) {
      controller.abort();
      break;
    }
    expect(await abortOf(gateway.observed, 'execute')).toBe('CANCELLED');
  });

  test.runIf(isFullDuplex)('a caller that cancels a conversation does not seem to have ended it', async () => {
    gateway.observed.aborted.delete('interact');
    const controller = new AbortController();
    const requests = (async function* () {
      yield { message: { case: 'execute', value: code('x') } } as const;
      await new Promise((resolve) => controller.signal.addEventListener('abort', resolve));
    })();
    for await (const _ of executeClient(gateway, protocol).interact(requests, { signal: controller.signal })) {
      controller.abort();
      break;
    }
    expect(await abortOf(gateway.observed, 'interact')).toBe('CANCELLED');
  });

  test('a deadline stops the handler and is answered', async () => {
    gateway.observed.aborted.delete('run');
    const error = await refusal(executeClient(gateway, protocol).run(code('hang'), { timeoutMs: 100 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(await abortOf(gateway.observed, 'run')).toMatch(/DEADLINE_EXCEEDED|CANCELLED/);
  });

  test('a deadline is answered even when the handler hears nothing', async () => {
    const client = executeClient(
      gateway,
      protocol,
      protocol.startsWith('connect')
        ? { authorization, 'connect-timeout-ms': '100' }
        : { authorization, 'grpc-timeout': '100m' },
    );
    const error = await refusal(client.run(code('deaf')));
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(reasonOf(error)).toBe('DEADLINE_EXCEEDED');
  });

  test('a timeout that is too long for a timer is refused, not fired at once', async () => {
    const client = executeClient(
      gateway,
      protocol,
      protocol.startsWith('connect')
        ? { authorization, 'connect-timeout-ms': '9999999999' }
        : { authorization, 'grpc-timeout': '99999999H' },
    );
    const error = await refusal(client.run(code('hello')));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(reasonOf(error)).toBe('DEADLINE_TOO_LONG');
  });

  test('the request id of an answer is the one in the log', async () => {
    let requestId = '';
    await executeClient(gateway, protocol).run(code('hello'), {
      onHeader: (headers) => (requestId = headers.get('x-request-id') ?? ''),
    });
    expect(requestId).not.toBe('');
    expect(await gateway.lineOf(requestId)).toMatchObject({
      procedure: '/beep.python.v1.ExecuteService/Run',
      code: 'OK',
      principal: 'token:default',
    });
  });

  test('without a token a call is refused before anything of it is read', async () => {
    const error = await refusal(executeClient(gateway, protocol, {}).run(code('hello')));
    expect(error.code).toBe(Code.Unauthenticated);
    expect(reasonOf(error)).toBe('UNAUTHENTICATED');
    expect(error.rawMessage).toMatch(/token file.*--auth same-user/);
  });

  test.runIf(isFullDuplex)('a bidirectional stream answers each message as it comes', async () => {
    const requests = (async function* () {
      for (let i = 0; i < 3; i++) yield { message: { case: 'execute', value: code('x') } } as const;
    })();
    const events = await all(executeClient(gateway, protocol).interact(requests));
    expect(events.map(({ seq, executionId }) => [Number(seq), executionId])).toEqual([
      [1, 'execute'],
      [2, 'execute'],
      [3, 'execute'],
    ]);
  });

  test.runIf(isFullDuplex)('a message of a stream that breaks a rule ends it, by field', async () => {
    const requests = (async function* () {
      yield {} as never;
    })();
    const error = await refusal(all(executeClient(gateway, protocol).interact(requests)));
    expect(reasonOf(error)).toBe('INVALID_ARGUMENT');
    expect(error.rawMessage).toContain('message');
  });

  test.runIf(isFullDuplex)('a stream of messages is answered once', async () => {
    const client = createClient(ObjectService, transportOf(gateway, protocol));
    const requests = (async function* () {
      for (let i = 0; i < 40; i++) yield { part: { case: 'data', value: new Uint8Array(50_000) } } as const;
    })();
    expect((await client.write(requests)).receivedBytes).toBe(2_000_000n);
  });
});
