/** One session's live objects: batches that go there, what comes of them, and handles that are let go. */
import { create } from '@bufbuild/protobuf';
import { ErrorReason } from '../../gen/es/beep/python/v1/error_pb.ts';
import {
  ApplyRequestSchema,
  type ApplyResponse,
  OnError,
  type OperationResult,
} from '../../gen/es/beep/python/v1/object_pb.ts';
import { type ObjectRef, ObjectRefSchema } from '../../gen/es/beep/python/v1/value_pb.ts';
import { BeepError } from '../beep-error.ts';
import { durationOf } from '../duration.ts';
import { ExecutionStopped, endingOf } from '../ending.ts';
import type { CallOptions, Link } from '../link.ts';
import { nameOf } from '../names.ts';
import { once } from '../persistence.ts';
import { PythonError } from '../python-error.ts';
import { createTurns } from '../turns.ts';
import type { ObjectOf } from '../values/json.ts';
import { Node, type Owner } from './node.ts';
import { NotYetThere, type Operation, Plan } from './plan.ts';
import { createReleases } from './releases.ts';

/** How one batch differs. */
export interface BatchOptions extends CallOptions {
  /** From when it runs; then it is stopped. */
  readonly timeoutMs?: number;
}

/** A safety net: a handle whose object here was forgotten is let go some day. */
const forgotten = new FinalizationRegistry<() => void>((forget) => forget());

/** Puts a batch together; returns the indexes of the results that are wanted. */
type Build = (plan: Plan) => readonly number[];

/** The live objects of one session. */
export class Scope implements Owner {
  readonly sessionId: string;
  readonly link: Link;
  /** The live object of a handle that came. */
  readonly objectOf: ObjectOf;
  /** What is under way in the session. */
  readonly turns = createTurns();
  readonly #releases;
  readonly #held = new Map<string, WeakRef<Node>>();
  constructor(link: Link, sessionId: string, makeObject: (scope: Scope, node: Node) => unknown) {
    this.link = link;
    this.sessionId = sessionId;
    this.#releases = createReleases({
      send: (handleIds) => link.services.objects.releaseHandles({ sessionId, handleIds }),
      beforeClose: link.beforeClose,
    });
    this.objectOf = (handle) => makeObject(this, this.#nodeOf(handle));
  }

  /** Sends a batch, and answers with the results that are wanted. Throws what went wrong first. */
  async send(build: Build, { signal, timeoutMs }: BatchOptions = {}): Promise<OperationResult[]> {
    const { plan, wanted } = await this.#planned(build, signal);
    const lastOnly = wanted.length === 1 && wanted[0] === plan.operations.length - 1;
    const response = await this.turns.take(signal, () =>
      this.#apply(plan.operations, lastOnly, durationOf(timeoutMs, 'timeoutMs'), signal),
    );
    const { stdout, stderr, finished, results } = response;
    if (stdout !== '' || stderr !== '') this.link.onOutput?.({ sessionId: this.sessionId, stdout, stderr });
    const failed = results.find(({ error, failure }) => error !== undefined || failure !== undefined);
    if (finished !== undefined || failed !== undefined) {
      // What was held before it failed has nobody to let it go.
      for (const { handle } of results) if (handle !== undefined) this.#releases.add(handle.id);
      throw finished === undefined ? this.#failureOf(failed) : new ExecutionStopped(endingOf(finished));
    }
    return lastOnly ? results : wanted.map((index) => results[index] as OperationResult);
  }

  async #apply(
    operations: Operation[],
    lastOnly: boolean,
    timeout: ReturnType<typeof durationOf>,
    signal: AbortSignal | undefined,
  ): Promise<ApplyResponse> {
    const { sessionId } = this;
    const release = this.#releases.take();
    const batch = { sessionId, operations, onError: OnError.STOP, release, lastOnly, timeout };
    const request = create(ApplyRequestSchema, batch);
    try {
      return await once(this.link, () => this.link.services.objects.apply(request, { signal }), signal);
    } catch (error) {
      this.#releases.giveBack(release);
      throw error;
    }
  }

  /** Lets a live object go. */
  release(node: Node): void {
    if (node.step.is !== 'handle') return;
    forgotten.unregister(node);
    this.#letGo(node.step.ref.id);
  }

  async #planned(build: Build, signal: AbortSignal | undefined) {
    for (;;) {
      signal?.throwIfAborted();
      const plan = new Plan(this);
      try {
        const wanted = build(plan);
        // At once: who comes in the meantime must see that it runs.
        plan.commit();
        return { plan, wanted };
      } catch (thrown) {
        if (!(thrown instanceof NotYetThere)) throw thrown;
        await thrown.answer;
      }
    }
  }

  #failureOf(failed: OperationResult | undefined): Error {
    if (failed?.error !== undefined) return new PythonError(failed.error, this.objectOf);
    const { reason = 0, message = '', path = '' } = failed?.failure ?? {};
    const metadata: Record<string, string> = path === '' ? {} : { path };
    return new BeepError(nameOf(ErrorReason, reason) ?? 'INTERNAL', message, { metadata });
  }

  /** One for each handle, however often it comes: who forgets one must not let go what another still has. */
  #nodeOf(handle: Parameters<ObjectOf>[0]): Node {
    const known = this.#held.get(handle.id)?.deref();
    if (known !== undefined) return known;
    const ref = '$typeName' in handle ? (handle as ObjectRef) : create(ObjectRefSchema, handle);
    const node = new Node(this, { is: 'handle', ref });
    this.#held.set(ref.id, new WeakRef(node));
    forgotten.register(node, () => this.#forget(ref.id), node);
    return node;
  }

  /** It may have come again meanwhile. */
  #forget(id: string): void {
    if (this.#held.get(id)?.deref() === undefined) this.#letGo(id);
  }

  #letGo(id: string): void {
    if (this.#held.delete(id)) this.#releases.add(id);
  }
}
