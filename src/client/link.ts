/** What every part of a client calls through. */
import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { ExecuteService } from '../gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../gen/es/beep/python/v1/host_pb.ts';
import { ObjectService } from '../gen/es/beep/python/v1/object_pb.ts';
import { VenvService } from '../gen/es/beep/python/v1/venv_pb.ts';
import { BeepError } from './beep-error.ts';
import { type SendUpload, streamUploads } from './uploads.ts';

/** How one call differs. */
export interface CallOptions {
  /** Ends the call, and what it runs, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** The services of the contract, for what this client has no words of its own for. */
export interface Services {
  readonly execute: Client<typeof ExecuteService>;
  readonly objects: Client<typeof ObjectService>;
  readonly hosts: Client<typeof HostService>;
  readonly venvs: Client<typeof VenvService>;
}

/** A connection to a gateway. */
export interface Link {
  readonly services: Services;
  /** How long a connection that broke may stay away. */
  readonly reconnectTimeoutMs: number;
  /** Text that batches wrote. */
  readonly onOutput: ((output: BatchOutput) => void) | undefined;
  /** Large data on its way into a session. */
  readonly sendUpload: SendUpload;
  /** Throws when the client was closed. */
  check(): void;
  /** What is under way is still done; nobody waits for a connection that broke. */
  readonly isClosing: boolean;
  /** What nobody waits for: it is finished before the connection is closed, and its failure is nobody's. */
  inBackground(work: () => Promise<unknown>): void;
  /** What is still to be sent when the client is about to be closed; undone by what it returns. */
  beforeClose(work: () => Promise<unknown>): () => void;
  close(): Promise<void>;
}

/** Text that operations on objects wrote. */
export interface BatchOutput {
  readonly sessionId: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly transport: Transport;
  /** 30,000 unless named. */
  readonly reconnectTimeoutMs: number | undefined;
  readonly onOutput: ((output: BatchOutput) => void) | undefined;
  /** How large data goes where the transport has no streams of requests. */
  readonly sendUpload?: SendUpload;
  /** Lets the transport's connections go. */
  readonly disconnect: () => void;
}

/** Makes a link over a transport. */
export function createLink(options: LinkOptions): Link {
  const { transport, reconnectTimeoutMs = 30_000, onOutput, sendUpload, disconnect } = options;
  const services = {
    execute: createClient(ExecuteService, transport),
    objects: createClient(ObjectService, transport),
    hosts: createClient(HostService, transport),
    venvs: createClient(VenvService, transport),
  };
  const underWay = new Set<Promise<unknown>>();
  const last = new Set<() => Promise<unknown>>();
  let closing: Promise<void> | undefined;
  let isClosed = false;

  const inBackground = (work: () => Promise<unknown>) => {
    const done: Promise<unknown> = work()
      .catch(() => {})
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const close = async () => {
    for (const work of last) inBackground(work);
    while (underWay.size > 0) await Promise.all(underWay);
    isClosed = true;
    disconnect();
  };
  return {
    services,
    reconnectTimeoutMs,
    onOutput,
    sendUpload: sendUpload ?? streamUploads(services.objects),
    check() {
      if (isClosed) throw new BeepError('CLIENT_CLOSED', 'the client was closed; connect again');
    },
    get isClosing() {
      return closing !== undefined;
    },
    inBackground,
    beforeClose(work) {
      last.add(work);
      return () => last.delete(work);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
