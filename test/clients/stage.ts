/** Every way in which the client calls, and a gateway for its tests. */
import { connect as connectByFetch } from '../../src/client/browser.ts';
import { connect, type Gateway } from '../../src/client/node.ts';
import type { TestGateway } from '../support/gateway.ts';

/** What a test may want to be different. */
export interface ConnectTestOptions {
  readonly token?: string;
  /** Instead of the gateway's own: that of a proxy before it. */
  readonly address?: string;
  readonly reconnectTimeoutMs?: number;
  readonly onOutput?: (output: { sessionId: string; stdout: string; stderr: string }) => void;
}

type Connect = (gateway: TestGateway, options?: ConnectTestOptions) => Promise<Gateway>;

const inNode =
  (protocol: 'grpc' | 'grpc-web' | 'connect', httpVersion: '1.1' | '2'): Connect =>
  (gateway, options = {}) =>
    connect({
      address: protocol === 'grpc' ? gateway.rpc : gateway.http,
      token: gateway.token(),
      protocol,
      httpVersion,
      ...options,
    });

/** What browsers have, run here. */
const byFetch =
  (protocol: 'grpc-web' | 'connect'): Connect =>
  (gateway, options = {}) =>
    connectByFetch({ address: gateway.http, token: gateway.token(), protocol, ...options });

/** How to connect over each transport. */
export const transports: Readonly<Record<string, Connect>> = {
  'native gRPC': inNode('grpc', '2'),
  'gRPC-Web': inNode('grpc-web', '2'),
  Connect: inNode('connect', '2'),
  'Connect over HTTP/1.1': inNode('connect', '1.1'),
  'Connect by fetch': byFetch('connect'),
  'gRPC-Web by fetch': byFetch('grpc-web'),
};

/** Scenarios by the sentence that each proves: the gateway, and how to connect to it. */
export type Scenarios = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** What a scenario is given. */
export interface Stage {
  readonly gateway: TestGateway;
  /** One that is closed when the scenario is over. */
  readonly python: Gateway;
  connect(options?: ConnectTestOptions): Promise<Gateway>;
}

/** Plays one scenario over one transport. */
export async function playOn(gateway: TestGateway, transport: string, play: Scenarios[string]): Promise<void> {
  const connect = (options?: ConnectTestOptions) => (transports[transport] as Connect)(gateway, options);
  await using python = await connect();
  await play({ gateway, python, connect });
}
