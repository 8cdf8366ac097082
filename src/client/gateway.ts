/** A gateway, as a client sees it. */
import type { ExecuteOptions } from './execute-request.ts';
import { type AttachOptions, Execution } from './execution.ts';
import {
  type HostEvent,
  type HostInfo,
  type HostStats,
  hostInfo,
  hostStats,
  listWorkers,
  type WorkerInfo,
  watchHost,
} from './host.ts';
import type { BatchOutput, CallOptions, Link, Services } from './link.ts';
import { newId } from './new-id.ts';
import { createObject } from './objects/proxy.ts';
import { Scope } from './objects/scope.ts';
import { checked, type Names } from './option-names.ts';
import { persistently } from './persistence.ts';
import type { ExecutionResult } from './result.ts';
import { Runtimes } from './runtimes.ts';
import { OwnSession, Runner, Session } from './session.ts';
import { type SessionInfo, type SessionOptions, sessionInfoOf, sessionSpec } from './session-options.ts';
import type { Source } from './source.ts';
import { Venvs } from './venvs.ts';

/** How a client calls; what finds the gateway stands in the options of each `connect`. */
export interface ClientOptions {
  /** Whoever has it may call. */
  readonly token?: string;
  /** How long a connection that broke may stay away before a call fails; 30,000 unless named. */
  readonly reconnectTimeoutMs?: number;
  /** Told of what operations on objects write to stdout and stderr. */
  readonly onOutput?: (output: BatchOutput) => void;
}

export const clientNames: Names<ClientOptions> = { token: true, reconnectTimeoutMs: true, onOutput: true };

/** Which sessions are wanted. */
export interface SessionFilter extends CallOptions {
  /** Only those in this environment. */
  readonly venv?: string;
  /** Only those with all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Also those that ended a short while ago. */
  readonly includeClosed?: boolean;
}

const filterNames: Names<SessionFilter> = { signal: true, venv: true, labels: true, includeClosed: true };

/** A connection to a gateway: `await using gateway = await connect()`. */
export class Gateway implements AsyncDisposable {
  /** Where it is. */
  readonly address: string;
  /** The caller's default session: made on first use, and the same for every client with this token. */
  readonly defaultSession: Session;
  /** The environments of its machine, and their packages. */
  readonly venvs: Venvs;
  /** The Python interpreters of its machine. */
  readonly runtimes: Runtimes;
  readonly #link: Link;

  constructor(link: Link, address: string) {
    this.address = address;
    this.#link = link;
    this.defaultSession = new Session(link, '');
    this.venvs = new Venvs(link);
    this.runtimes = new Runtimes(link);
  }

  /** The services of the contract, for what this client has no words of its own for. */
  get services(): Services {
    return this.#link.services;
  }

  /** A session of your own: `await using session = await gateway.createSession()`. The same `key` gives the same session. */
  async createSession(options: SessionOptions & CallOptions & { readonly key?: string } = {}): Promise<OwnSession> {
    const { key = newId(), signal, ...spec } = options;
    // With a key of its own a call whose answer was lost makes no second session.
    const request = { spec: sessionSpec(spec), idempotencyKey: key };
    const call = () => this.services.execute.createSession(request, { signal });
    return new OwnSession(this.#link, sessionInfoOf(await persistently(this.#link, call, signal)));
  }

  /** A session that is there, by its id. Nothing is asked. */
  session(id: string): Session {
    return new Session(this.#link, id);
  }

  /** The caller's sessions, newest first. */
  async *listSessions(filter: SessionFilter = {}): AsyncGenerator<SessionInfo, void, undefined> {
    const { venv, labels, includeClosed, signal } = checked(filter, filterNames, 'listSessions()');
    for (let pageToken = ''; ; ) {
      const request = { venv, labels: { ...labels }, includeClosed, pageToken };
      const call = () => this.services.execute.listSessions(request, { signal });
      const { sessions, nextPageToken } = await persistently(this.#link, call, signal);
      yield* sessions.map(sessionInfoOf);
      if (nextPageToken === '') return;
      pageToken = nextPageToken;
    }
  }

  /** Where every piece of code runs in a session of its own, which is closed after it. */
  fresh(options: SessionOptions = {}): Runner {
    return new Runner(this.#link, { fresh: sessionSpec(options) });
  }

  /** Runs code in the default session: see `Session.run`. */
  run(source: Source, options?: ExecuteOptions): Promise<ExecutionResult> {
    return this.defaultSession.run(source, options);
  }

  /** Runs code in the default session, and tells what happens: see `Session.execute`. */
  execute(source: Source, options?: ExecuteOptions): Execution {
    return this.defaultSession.execute(source, options);
  }

  /** Joins an execution that was begun elsewhere: its events, past and live. Leaving the loop does not stop it. */
  async attach(executionId: string, options: AttachOptions = {}): Promise<Execution> {
    const { fromSeq, signal } = checked(options, { fromSeq: true, signal: true }, 'attach()');
    const call = () => this.services.execute.getExecution({ executionId }, { signal });
    const { sessionId } = await persistently(this.#link, call, signal);
    const { objectOf } = new Scope(this.#link, sessionId, createObject);
    return new Execution({
      link: this.#link,
      executionId,
      objectOf,
      request: undefined,
      fromSeq,
      reattaches: true,
      signal,
    });
  }

  /** What the gateway is, and what it offers. */
  async host(options: CallOptions = {}): Promise<HostInfo> {
    return await hostInfo(this.#link, options);
  }

  /** How it is doing: sessions, queues, how long starting a session takes. */
  async stats(options: CallOptions = {}): Promise<HostStats> {
    return await hostStats(this.#link, options);
  }

  /** Its Python worker processes. */
  async workers(options: CallOptions = {}): Promise<readonly WorkerInfo[]> {
    return await listWorkers(this.#link, options);
  }

  /**
   * What happens on its machine, as it happens; what is there already comes first, and "watch.begun" ends that. Over
   * one connection: when that breaks, watch anew.
   */
  watch(options: CallOptions = {}): AsyncGenerator<HostEvent, void, undefined> {
    return watchHost(this.#link, options);
  }

  /** Sends what is still to be sent, and lets the connection go. Sessions stay. */
  async close(): Promise<void> {
    await this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
