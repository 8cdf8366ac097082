/** `beep-python/client` in a browser: Connect, or gRPC-Web, over `fetch`. */
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { addressOf } from './address.ts';
import { bearer } from './bearer.ts';
import { BeepError } from './beep-error.ts';
import { fetchUploads } from './fetch-uploads.ts';
import { type ClientOptions, clientNames, Gateway } from './gateway.ts';
import { createLink } from './link.ts';
import { checked, chosen, type Names } from './option-names.ts';

export * from './exports.ts';

/** Where to connect, and how. */
export interface ConnectOptions extends ClientOptions {
  /** URL of the gateway's HTTP listener; without a scheme it is taken as http. Left out: where the page came from. */
  readonly address?: string;
  /** "connect" unless named. */
  readonly protocol?: 'connect' | 'grpc-web';
}

const names: Names<ConnectOptions> = { ...clientNames, address: true, protocol: true };

/** Makes a client of a gateway; nothing is sent yet. A page of another origin needs `--allow-origin` there. */
export async function connect(options: ConnectOptions = {}): Promise<Gateway> {
  const { protocol = 'connect', reconnectTimeoutMs, onOutput } = checked(options, names, 'connect()');
  chosen(protocol, ['connect', 'grpc-web'], 'protocol');
  const address = options.address === undefined ? pageOrigin() : addressOf(options.address, 'address');
  const shared = { baseUrl: address, interceptors: bearer(options.token), useBinaryFormat: true };
  const transport = protocol === 'grpc-web' ? createGrpcWebTransport(shared) : createConnectTransport(shared);
  const sendUpload = fetchUploads(address, options.token);
  return new Gateway(createLink({ transport, reconnectTimeoutMs, onOutput, sendUpload, disconnect() {} }), address);
}

function pageOrigin(): string {
  const { location } = globalThis as { location?: { readonly origin: string } };
  if (location === undefined) throw new BeepError('NO_GATEWAY', 'there is no page here: name the address of a gateway');
  return location.origin;
}
