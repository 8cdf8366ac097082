/**
 * One function call over each transport, its last argument and its result in the transport's own form. On JSON both are
 * raw text, so that this side parses no number either.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport as createNodeConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import {
  type ExecuteRequestSchema,
  ExecuteService,
  type ExecutionResult,
  Outcome,
} from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { PythonValue } from '../../../src/gen/es/beep/python/v1/value_pb.ts';
import { memberText } from '../../matrix/member-text.ts';
import type { TestGateway } from '../../support/gateway.ts';

/** What came of one call: a value in the form of its transport, or what went wrong. */
export interface Answer {
  readonly value: PythonValue | string | undefined;
  readonly failure: string | undefined;
}

/** Calls a function of a session with a number and a value that an answer had. */
export interface Exchange {
  call(sessionId: string, name: string, number: number, value?: PythonValue | string): Promise<Answer>;
  close(): void;
}

/** Every transport. */
export const exchanges: Record<string, (gateway: TestGateway) => Exchange> = {
  'native gRPC': (gateway) => {
    const client = new GrpcClient(new URL(gateway.rpc).host, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${gateway.token()}`);
    const { input, output } = ExecuteService.method.run;
    return byMessages(
      (request) =>
        new Promise((resolve, reject) =>
          client.makeUnaryRequest(
            '/beep.python.v1.ExecuteService/Run',
            (message: MessageInitShape<typeof input>) => Buffer.from(toBinary(input, create(input, message))),
            (bytes) => fromBinary(output, bytes),
            request,
            metadata,
            (error, answer) => (error === null ? resolve(answer as ExecutionResult) : reject(error)),
          ),
        ),
      () => client.close(),
    );
  },
  'gRPC-Web': (gateway) => byConnect(gateway, createGrpcWebTransport({ baseUrl: gateway.http })),
  'Connect binary': (gateway) => {
    const sessionManager = new Http2SessionManager(gateway.http);
    const options = { baseUrl: gateway.http, httpVersion: '2', useBinaryFormat: true, sessionManager } as const;
    return byConnect(gateway, createNodeConnectTransport(options), () => sessionManager.abort());
  },
  'Connect JSON': (gateway) =>
    byText(
      gateway,
      '/beep.python.v1.ExecuteService/Run',
      (sessionId, name, number, value) =>
        `{"sessionId":"${sessionId}","function":{"name":"${name}","args":[{"integer":"${number}"},${value ?? '{"none":{}}'}]}}`,
      'value',
    ),
  'plain routes': (gateway) =>
    byText(
      gateway,
      '/execute',
      (sessionId, name, number, value) =>
        `{"sessionId":"${sessionId}","function":"${name}","args":[${number},${value ?? 'null'}]}`,
      'result',
    ),
};

function byMessages(
  run: (request: MessageInitShape<typeof ExecuteRequestSchema>) => Promise<ExecutionResult>,
  close: () => void,
): Exchange {
  return {
    async call(sessionId, name, number, value) {
      const none = { kind: { case: 'none', value: {} } } as const;
      const args = [
        { kind: { case: 'integer', value: BigInt(number) } } as const,
        (value as PythonValue | undefined) ?? none,
      ];
      const result = await run({
        where: { case: 'sessionId', value: sessionId },
        source: { case: 'function', value: { name, args } },
      });
      const isOk = result.finished?.outcome === Outcome.OK;
      return { value: result.value, failure: isOk ? undefined : (result.error?.message ?? 'no outcome') };
    },
    close,
  };
}

function byConnect(gateway: TestGateway, transport: Transport, close = () => {}): Exchange {
  const client = createClient(ExecuteService, transport);
  const headers = { authorization: `Bearer ${gateway.token()}` };
  return byMessages((request) => client.run(request, { headers }), close);
}

function byText(
  gateway: TestGateway,
  path: string,
  bodyOf: (sessionId: string, name: string, number: number, value: string | undefined) => string,
  member: string,
): Exchange {
  const headers = { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' };
  return {
    async call(sessionId, name, number, value) {
      const body = bodyOf(sessionId, name, number, value as string | undefined);
      const response = await fetch(gateway.http + path, { method: 'POST', headers, body });
      const text = await response.text();
      const error = memberText(text, 'error') ?? (response.ok ? 'null' : text);
      return { value: memberText(text, member), failure: error === 'null' ? undefined : error };
    },
    close() {},
  };
}
