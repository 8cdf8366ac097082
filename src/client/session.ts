/** A session: a Python process that keeps its variables. */
import type { PythonValue } from '../gen/es/beep/python/v1/value_pb.ts';
import { BeepError, hasReason } from './beep-error.ts';
import { durationOf } from './duration.ts';
import { ExecutionStopped, stopRungOf } from './ending.ts';
import { type ExecuteOptions, executeRequest, type Where } from './execute-request.ts';
import { Execution, type Interrupted, type InterruptOptions, interruptNames } from './execution.ts';
import type { CallOptions, Link } from './link.ts';
import { act, answersOf } from './objects/answers.ts';
import { batchArgument, type Node, nodeOf } from './objects/node.ts';
import { batchNames, writeNames } from './objects/operation-options.ts';
import { createObject, createPath } from './objects/proxy.ts';
import type { PythonObject, PythonPath } from './objects/python-object.ts';
import { type BatchOptions, Scope } from './objects/scope.ts';
import { type WriteOptions, write } from './objects/writing.ts';
import { checked } from './option-names.ts';
import { once, persistently } from './persistence.ts';
import { type ExecutionResult, resultOf } from './result.ts';
import {
  type CodeCompleteness,
  type Completions,
  checkComplete,
  complete,
  type Inspection,
  inspect,
  stacks,
  type ThreadInfo,
  type VariableInfo,
  variables,
} from './session-looking.ts';
import { type SessionInfo, sessionInfoOf } from './session-options.ts';
import type { Source } from './source.ts';
import { stopUnanswered, unlessAborted } from './stopping.ts';
import type { NdArray, TypedArray } from './values/array.ts';

/** Where code runs: a session, the default one, or a fresh one each time. */
export class Runner {
  protected readonly link: Link;
  protected readonly scope: Scope;
  readonly #where: Where;

  constructor(link: Link, where: Where) {
    this.link = link;
    this.#where = where;
    this.scope = new Scope(link, 'fresh' in where ? '' : where.sessionId, createObject);
  }

  /**
   * Runs code and answers with all that came of it. Throws a PythonError when it raised, and ExecutionStopped when it
   * was stopped, killed, or exited. A connection that breaks runs nothing twice.
   */
  async run(source: Source, options: ExecuteOptions = {}): Promise<ExecutionResult> {
    const request = this.#request(source, options);
    const { signal } = options;
    signal?.throwIfAborted();
    const { execute } = this.link.services;
    const ask = options.onConnectionLost === 'cancel' ? once : persistently;
    // Not by the signal: who only leaves may leave before the code is there, and it would run after all.
    const run = () => ask(this.link, () => execute.run(request), undefined);
    const answer = 'fresh' in this.#where ? run() : this.scope.turns.take(signal, run);
    const stop = () => this.link.inBackground(() => stopUnanswered(this.link, request.executionId, answer));
    const result = resultOf(await unlessAborted(answer, signal, stop), this.scope.objectOf);
    // Code that was stopped may have raised on its way out, as of an interrupt: that is no error of its own.
    if (result.outcome === 'ERROR' && result.error !== undefined) throw result.error;
    if (result.outcome !== 'OK') throw new ExecutionStopped(result, result.error);
    return result;
  }

  /** Runs code, and tells what happens as it happens. It begins at once. */
  execute(source: Source, options: ExecuteOptions = {}): Execution {
    const request = this.#request(source, options);
    return new Execution({
      link: this.link,
      executionId: request.executionId,
      objectOf: this.scope.objectOf,
      request,
      reattaches: options.onConnectionLost !== 'cancel',
      signal: options.signal,
    });
  }

  #request(source: Source, options: ExecuteOptions) {
    const encode = (value: unknown, path: string) => this.#argument(value, path);
    return executeRequest(source, this.#where, options, encode);
  }

  /** An argument of a function. It goes by itself: what is still to be done is no argument yet. */
  #argument(value: unknown, path: string): PythonValue['kind'] {
    const encoded = batchArgument(value, path);
    if (encoded.is === 'value') return encoded.kind;
    const refOf = (node: Node) => {
      const { step } = node.held ?? node;
      if (step.is === 'handle') return step.ref;
      throw new TypeError(`${path} is still to be done: await it first, or call the function by its path`);
    };
    if (encoded.is === 'live') return { case: 'object', value: refOf(encoded.live) };
    const text = encoded.pieces.map((piece) =>
      typeof piece === 'string' ? piece : JSON.stringify({ $ref: refOf(piece).id }),
    );
    return { case: 'json', value: text.join('') };
  }
}

/** A session: code that runs in it shares its variables, one piece at a time. */
export class Session extends Runner {
  /** Empty: the default session. */
  readonly id: string;

  constructor(link: Link, id: string) {
    super(link, { sessionId: id });
    this.id = id;
  }

  /**
   * A module, imported on first use: `session.import('numpy.linalg')`. With a type of your own for what you use of it,
   * the editor knows it: `session.import<{ hypot(x: number, y: number): PromiseLike<number> }>('math')`.
   */
  import<Module = unknown>(module: string): Module & PythonPath {
    return createPath(this.scope, { is: 'module', name: module }) as Module & PythonPath;
  }

  /** A variable of the session, or a builtin. */
  get(name: string): PythonPath {
    return createPath(this.scope, { is: 'name', name });
  }

  /** Sets a variable of the session. */
  async set(name: string, value: unknown, options?: BatchOptions): Promise<void> {
    const argument = batchArgument(value, 'value');
    const action = (resolve: Parameters<Parameters<typeof act>[2]>[0]) =>
      ({ case: 'assign', value: { name, value: resolve(argument) } }) as const;
    await act(this.scope, undefined, action, checked(options, batchNames, 'set()'));
  }

  /** Deletes a variable of the session. */
  async delete(name: string, options?: BatchOptions): Promise<void> {
    await act(
      this.scope,
      name,
      () => ({ case: 'deleteAttribute', value: {} }),
      checked(options, batchNames, 'delete()'),
    );
  }

  /** An expression, with names of its own beside the session's: `session.evaluate('a + b', { a: 1, b: 2 })`. */
  evaluate(expression: string, locals: Readonly<Record<string, unknown>> = {}): PythonPath {
    const named = Object.entries(locals).map(([name, value]) => [name, batchArgument(value, name)] as const);
    return createPath(this.scope, {
      is: 'operation',
      of: undefined,
      action: (resolve) => ({
        case: 'evaluate',
        value: { expression, locals: Object.fromEntries(named.map(([name, value]) => [name, resolve(value)])) },
      }),
    });
  }

  /**
   * Puts large data into the session, in chunks: bytes become `bytes`, other typed arrays and `NdArray` become arrays of
   * numpy. A connection that breaks is gone on from.
   */
  async write(data: TypedArray | NdArray | ArrayBuffer, options?: WriteOptions): Promise<PythonObject> {
    checked(options, writeNames, 'write()');
    // Its route in browsers needs an id, and the first use makes the default session.
    const id = this.id === '' ? (await this.run('')).sessionId : this.id;
    return await write(this.scope, id, data, options);
  }

  /** What several paths give, in one trip: what they have in common is done once. */
  async all(paths: readonly PythonPath[], options: BatchOptions = {}): Promise<unknown[]> {
    const nodes = paths.map((path, index) => {
      const node = nodeOf(path);
      if (node === undefined) throw new TypeError(`paths[${index}] is no path of a session`);
      return node;
    });
    return nodes.length === 0 ? [] : await answersOf(this.scope, nodes, checked(options, batchNames, 'all()'));
  }

  /** What could stand at a place in a piece of code, its end unless named; also while code runs. */
  async complete(code: string, at = code.length, options: CallOptions = {}): Promise<Completions> {
    return await complete(this.link, this.id, code, at, options);
  }

  /** Whether a piece of code is complete, as a prompt has to know; nothing of it is run. */
  async checkComplete(code: string, options: CallOptions = {}): Promise<CodeCompleteness> {
    return await checkComplete(this.link, this.id, code, options);
  }

  /** Signature and documentation of what stands at a place, its end unless named; undefined: nothing that is known. */
  async inspect(code: string, at = code.length, options: CallOptions = {}): Promise<Inspection | undefined> {
    return await inspect(this.link, this.id, code, at, options);
  }

  /** Its variables, with bounded previews; also while code runs. */
  async variables(options: CallOptions & { readonly includePrivate?: boolean } = {}): Promise<readonly VariableInfo[]> {
    const { includePrivate = false, signal } = checked(options, { includePrivate: true, signal: true }, 'variables()');
    return await variables(this.link, this.id, includePrivate, { signal });
  }

  /** Where every one of its threads is; also while code runs. */
  async stacks(options: CallOptions = {}): Promise<readonly ThreadInfo[]> {
    return await stacks(this.link, this.id, options);
  }

  /** Stops what runs. */
  async interrupt(options: InterruptOptions = {}): Promise<Interrupted> {
    const { graceMs, kill, signal } = checked(options, interruptNames, 'interrupt()');
    const request = { sessionId: this.id, grace: durationOf(graceMs, 'graceMs'), kill };
    const answer = await once(this.link, () => this.link.services.execute.interrupt(request, { signal }), signal);
    return { stoppedBy: stopRungOf(answer.stoppedBy), statePreserved: answer.statePreserved === true };
  }

  /** How it stands. Looking does not renew it. */
  async info({ signal }: CallOptions = {}): Promise<SessionInfo> {
    const call = () => this.link.services.execute.getSession({ sessionId: this.id }, { signal });
    return sessionInfoOf(await persistently(this.link, call, signal));
  }

  /** Moves its expiry: it ends when it has then been idle for its idle timeout, or for the one named here. */
  async renew(options: CallOptions & { readonly idleTimeoutMs?: number } = {}): Promise<SessionInfo> {
    const { idleTimeoutMs, signal } = checked(options, { idleTimeoutMs: true, signal: true }, 'renew()');
    const request = { sessionId: this.id, idleTimeout: durationOf(idleTimeoutMs, 'idleTimeoutMs') };
    const call = () => this.link.services.execute.renewSession(request, { signal });
    return sessionInfoOf(await persistently(this.link, call, signal));
  }

  /** A fresh interpreter under the same id: the variables are gone, the files stay. */
  async restart({ signal }: CallOptions = {}): Promise<SessionInfo> {
    const call = () => this.link.services.execute.restartSession({ sessionId: this.id }, { signal });
    return sessionInfoOf(await once(this.link, call, signal));
  }

  /** Ends it and everything that it started; answers with its last state, or undefined where it had ended before. */
  async close({ signal }: CallOptions = {}): Promise<SessionInfo | undefined> {
    const call = () => this.link.services.execute.closeSession({ sessionId: this.id }, { signal });
    try {
      return sessionInfoOf(await persistently(this.link, call, signal));
    } catch (error) {
      if (hasReason(error, 'SESSION_CLOSED', 'SESSION_NOT_FOUND')) return undefined;
      throw error;
    }
  }
}

/** A session that was made here: leaving its scope (`await using`) closes it. */
export class OwnSession extends Session implements AsyncDisposable {
  /** What it was when it was made. */
  readonly created: SessionInfo;

  constructor(link: Link, created: SessionInfo) {
    if (created.id === '') throw new BeepError('INTERNAL', 'the gateway made a session without an id');
    super(link, created.id);
    this.created = created;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
