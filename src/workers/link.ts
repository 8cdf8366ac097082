/** The gRPC link to one worker: its calls, with refusals as errors of ours. */
import { type CallOptions, type ClientUnaryCall, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterwards } from '../afterwards.ts';
import { type BeepError, errors } from '../errors.ts';
import {
  type ControlRequest,
  type GetExecutionRequest,
  type HelloResponse,
  type ListExecutionsRequest,
  type ListedExecution,
  type ListSessionsRequest,
  type OpenSessionRequest,
  type PrepareTemplateRequest,
  type PrepareTemplateResponse,
  type ReadEventsStart,
  type ReadOutputRequest,
  type ReadOutputResponse,
  type ReleaseTemplatesRequest,
  type StatsResponse,
  type TransferRequest,
  type WatchResponse,
  WorkerServiceClient,
} from '../gen/worker/beep/python/worker/v1/worker.ts';
import { type Attachment, createAttachment } from './attachment.ts';
import type { EventEnvelope } from './event-queue.ts';
import { readEvents } from './read-events.ts';
import { fromStatus } from './refusal.ts';
import { createTransfer, type Transfer } from './transfer.ts';
import { grpcWire, laneWire, type Wire } from './wire.ts';

export type { ExecutionPlace, ListedExecution } from '../gen/worker/beep/python/worker/v1/worker.ts';

/** Calls to one worker. Each throws BeepError: the worker's refusal; WORKER_LOST, or DRAINING, when it has gone. */
export interface WorkerLink {
  /** Learns what the worker offers; before any other call. */
  hello(): Promise<HelloResponse>;
  /** Calls back for every change of a session, until the link is closed. */
  watch(onChange: (change: WatchResponse) => void): void;
  prepareTemplate(request: PrepareTemplateRequest): Promise<PrepareTemplateResponse>;
  releaseTemplates(request: ReleaseTemplatesRequest): Promise<unknown>;
  /** A `beep.python.v1.Session`, as for the next five, the last of them a list. */
  openSession(request: OpenSessionRequest): Promise<Uint8Array>;
  getSession(sessionId: string): Promise<Uint8Array>;
  closeSession(sessionId: string, why?: string): Promise<Uint8Array>;
  /** From a `beep.python.v1.RenewSessionRequest`. */
  renewSession(request: Uint8Array): Promise<Uint8Array>;
  restartSession(sessionId: string): Promise<Uint8Array>;
  listSessions(request: ListSessionsRequest): Promise<Uint8Array[]>;
  /** Items into one session that is there. */
  attach(sessionId: string): Attachment;
  /** Opens a session and attaches to it in one trip. */
  attachNew(request: OpenSessionRequest): Attachment;
  readEvents(from: Omit<ReadEventsStart, 'windowBytes'>, signal: AbortSignal): AsyncGenerator<EventEnvelope>;
  /** A piece of what an execution has written. */
  readOutput(request: ReadOutputRequest, signal: AbortSignal): Promise<ReadOutputResponse>;
  /** A `beep.python.v1.ExecutionInfo`. */
  getExecution(request: GetExecutionRequest, signal: AbortSignal): Promise<Uint8Array>;
  listExecutions(request: ListExecutionsRequest): Promise<ListedExecution[]>;
  /** The answer that belongs to the action. */
  control(request: ControlRequest, signal?: AbortSignal): Promise<Uint8Array>;
  /** Large data, on a connection of its own. */
  transfer(request: TransferRequest, signal: AbortSignal): Transfer;
  stats(): Promise<StatsResponse>;
  /** The gateway is about to end: what is lost from now on is lost for that reason. */
  drain(): void;
  close(): void;
}

const tokenKey = 'beep-worker-token';

// Above the public limit on one message by what an envelope and a collected result add.
const messageMarginBytes = 16 * 1024 * 1024;

/** Connects to a worker. */
export function createWorkerLink(address: string, token: string, maxMessageBytes: number): WorkerLink {
  const limit = maxMessageBytes + messageMarginBytes;
  const client = new WorkerServiceClient(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': limit,
    'grpc.max_send_message_length': limit,
    // The default authority of a Unix socket is its path, escaped, which some servers refuse.
    'grpc.default_authority': 'localhost',
    'grpc-node.flow_control_window': 4 * 1024 * 1024,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  });
  const metadata = new Metadata();
  metadata.set(tokenKey, token);
  let isClosed = false;
  let isDraining = false;

  const explain = (error: BeepError) => (isDraining && error.reason === 'WORKER_LOST' ? errors.draining(error) : error);

  /** Whoever still holds the link when its worker has gone is told so; grpc-js would throw an error of its own. */
  const opened = () => {
    if (isClosed) throw explain(errors.workerLost('its link is closed'));
    return client;
  };

  /** A unary call as a promise. */
  function call<Q, A>(
    method: (request: Q, metadata: Metadata, options: Partial<CallOptions>, done: Done<A>) => ClientUnaryCall,
    request: Q,
    signal?: AbortSignal,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      const running = method.call(opened(), request, metadata, {}, (error, answer) => {
        signal?.removeEventListener('abort', cancel);
        if (error === null) resolve(answer as A);
        else reject(signal?.aborted ? signal.reason : explain(fromStatus(error)));
      });
      const cancel = () => running.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  let lane = '';
  let transfers = '';
  // A connection ahead of the next stream, so that a fresh session does not wait for one.
  let spare: Wire | undefined;
  const wire = (): Wire => {
    if (lane === '') return grpcWire(opened().attach(metadata));
    const taken = spare?.hasEnded === false ? spare : laneWire(lane, token, limit);
    spare = undefined;
    afterwards(() => {
      if (!isClosed) spare ??= laneWire(lane, token, limit);
    });
    return taken;
  };

  return {
    async hello() {
      const hello = await call(client.hello, {});
      lane = hello.lane;
      transfers = hello.transfers;
      return hello;
    },
    watch(onChange) {
      const stream = client.watch({}, metadata);
      stream.on('data', onChange);
      stream.on('error', () => {}); // the worker has gone: whoever owns the process knows
    },
    prepareTemplate: (request) => call(client.prepareTemplate, request),
    releaseTemplates: (request) => call(client.releaseTemplates, request),
    openSession: async (request) => (await call(client.openSession, request)).session,
    getSession: async (sessionId) => (await call(client.getSession, { sessionId })).session,
    closeSession: async (sessionId, why = 'it was closed') =>
      (await call(client.closeSession, { sessionId, reason: 'RELEASED', message: why })).session,
    renewSession: async (request) => (await call(client.renewSession, { request })).session,
    restartSession: async (sessionId) => (await call(client.restartSession, { sessionId })).session,
    listSessions: async (request) => (await call(client.listSessions, request)).sessions,
    attach: (sessionId) => createAttachment(wire(), { $case: 'sessionId', value: sessionId }, explain),
    attachNew: (request) => createAttachment(wire(), { $case: 'open', value: request }, explain),
    readEvents: (from, signal) => readEvents(() => opened().readEvents(metadata), from, signal, explain),
    readOutput: (request, signal) => call(client.readOutput, request, signal),
    getExecution: async (request, signal) => (await call(client.getExecution, request, signal)).info,
    listExecutions: async (request) => (await call(client.listExecutions, request)).executions,
    control: async (request, signal) => (await call(client.control, request, signal)).body,
    transfer(request, signal) {
      opened();
      return createTransfer(transfers, token, request, signal);
    },
    stats: () => call(client.stats, {}),
    drain() {
      isDraining = true;
    },
    close() {
      isClosed = true;
      spare?.end();
      client.close();
    },
  };
}

type Done<A> = (error: ServiceError | null, answer?: A) => void;
