/** `beep-python/client` in Node: finds the gateway of this machine by itself, and speaks native gRPC unless told otherwise. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { bearer } from './bearer.ts';
import { discover, type Listener } from './discover.ts';
import { type ClientOptions, clientNames, Gateway } from './gateway.ts';
import { createLink } from './link.ts';
import { checked, chosen, type Names } from './option-names.ts';

export * from './exports.ts';

/** How a client calls. */
export type Protocol = 'grpc' | 'grpc-web' | 'connect';

/** Where to connect, and how. */
export interface ConnectOptions extends ClientOptions {
  /**
   * URL of the gateway, such as "http://127.0.0.1:5678"; without a scheme it is taken as http. Left out: BEEP_PYTHON_URL, else the gateway that runs for the
   * home.
   */
  readonly address?: string;
  /** The gateway's home folder. Left out: BEEP_PYTHON_HOME, else ~/.beep-python. */
  readonly home?: string;
  /** Left out: BEEP_PYTHON_TOKEN, the file that BEEP_PYTHON_TOKEN_FILE names, or the token of this machine's gateway. */
  readonly token?: string;
  /** "grpc" unless named. */
  readonly protocol?: Protocol;
  /** "2" unless named; "1.1" for what stands in front of a gateway and speaks nothing else (not for "grpc"). */
  readonly httpVersion?: '1.1' | '2';
}

const names: Names<ConnectOptions> = { ...clientNames, address: true, home: true, protocol: true, httpVersion: true };

/** The listeners that speak a protocol. */
const listenersOf: Readonly<Record<Protocol, readonly Listener[]>> = {
  grpc: ['rpc', 'http'],
  'grpc-web': ['http'],
  connect: ['http'],
};

/** Finds a gateway and its token; nothing is sent yet. Throws NO_GATEWAY where there is none, and says what to do. */
export async function connect(options: ConnectOptions = {}): Promise<Gateway> {
  const { protocol = 'grpc', httpVersion = '2', reconnectTimeoutMs, onOutput } = checked(options, names, 'connect()');
  chosen(protocol, Object.keys(listenersOf) as Protocol[], 'protocol');
  chosen(httpVersion, ['1.1', '2'], 'httpVersion');
  const { address, token } = await discover(options, listenersOf[protocol], process.env);
  const interceptors = bearer(token);
  const { transport, disconnect } =
    httpVersion === '2' || protocol === 'grpc'
      ? overHttp2(address, protocol, interceptors)
      : overHttp1(address, protocol, interceptors);
  return new Gateway(createLink({ transport, reconnectTimeoutMs, onOutput, disconnect }), address);
}

/** What makes a transport, and lets its connections go. */
interface Connections {
  readonly transport: Transport;
  disconnect(): void;
}

/** A connection that says nothing is asked whether it is there. */
const pings = { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 };

/**
 * In megabytes. Node counts what waits to be sent, and above its 10 MB it resets the streams that are answered: the
 * refusal of a large message is never read. What waits here is this program's own, so nothing bounds it.
 */
const sessionOptions = { maxSessionMemory: 1_000_000 };

function overHttp2(baseUrl: string, protocol: Protocol, interceptors: ReturnType<typeof bearer>): Connections {
  const sessionManager = new Http2SessionManager(baseUrl, pings, sessionOptions);
  const shared = { baseUrl, interceptors, sessionManager, acceptCompression: [] };
  const disconnect = () => sessionManager.abort();
  switch (protocol) {
    case 'grpc':
      return { transport: createGrpcTransport(shared), disconnect };
    case 'grpc-web':
      return { transport: createGrpcWebTransport({ ...shared, httpVersion: '2' }), disconnect };
    default:
      return { transport: createConnectTransport({ ...shared, httpVersion: '2' }), disconnect };
  }
}

function overHttp1(baseUrl: string, protocol: Protocol, interceptors: ReturnType<typeof bearer>): Connections {
  const agent = new (baseUrl.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const create = protocol === 'grpc-web' ? createGrpcWebTransport : createConnectTransport;
  const transport = create({
    baseUrl,
    interceptors,
    httpVersion: '1.1',
    nodeOptions: { agent },
    acceptCompression: [],
  });
  return { transport, disconnect: () => agent.destroy() };
}
