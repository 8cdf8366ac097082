/** Paths as the operations of one batch: what several of them need is done once. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ArgumentSchema, OperationSchema, TargetSchema } from '../../gen/es/beep/python/v1/object_pb.ts';
import { BeepError } from '../beep-error.ts';
import type { Action, BatchArgument, Node, Owner } from './node.ts';

/** One operation of a batch. */
export type Operation = Exclude<MessageInitShape<typeof OperationSchema>, { $typeName: string }>;

type Target = MessageInitShape<typeof TargetSchema>;

/** The contract's bounds. */
const maxPath = 64;
const maxOperations = 10_000;

/** Thrown where a path goes on from a result that is still on its way: the plan has to be made when it is there. */
export class NotYetThere {
  readonly answer: Promise<unknown>;

  constructor(answer: Promise<unknown>) {
    this.answer = answer;
  }
}

/** A batch in the making. */
export class Plan {
  readonly operations: Operation[] = [];
  readonly #owner: Owner;
  readonly #indexes = new Map<Node, number>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** Adds what gives the object at the end of a path; returns the index of its result. */
  want(node: Node, result: Operation['result']): number {
    // Not `followed`: it may be this batch that gives its answer.
    const at = node.held ?? node;
    if (!('action' in at.step) || this.#indexes.has(at)) return this.add(at, undefined, result);
    const index = this.#indexOf(at);
    this.operations[index] = { ...this.operations[index], result };
    return index;
  }

  /** Adds something to do at the end of a path, or to a name of the session, or without a place. */
  add(place: Node | string | undefined, action: Action | undefined, result: Operation['result']): number {
    const where = typeof place === 'string' ? { path: [place] } : place && this.#reach(place);
    return this.#push({ ...where, action, result });
  }

  /** Adds something to do with an earlier result. */
  addTo(index: number, action: Action, result: Operation['result']): number {
    return this.#push({ target: { kind: { case: 'result', value: index } }, action, result });
  }

  /** An argument as a message. */
  argument = (argument: BatchArgument): MessageInitShape<typeof ArgumentSchema> => {
    if (argument.is === 'value') return { kind: { case: 'value', value: { kind: argument.kind } } };
    if (argument.is === 'open') {
      const json = argument.pieces.map((piece) => (typeof piece === 'string' ? piece : this.#reference(piece)));
      return { kind: { case: 'value', value: { kind: { case: 'json', value: json.join('') } } } };
    }
    const node = followed(argument.live);
    if (node.value !== undefined) return { kind: { case: 'value', value: node.value } };
    return { kind: this.#named(node) };
  };

  /** What is in it counts as run from now on. */
  commit(): void {
    for (const node of this.#indexes.keys()) node.hasRun = node.hasRun || node.step.is === 'operation';
  }

  /** The object itself, by its handle or as a result. */
  #named(node: Node): { case: 'handleId'; value: string } | { case: 'result'; value: number } {
    this.#check(node);
    return node.step.is === 'handle'
      ? { case: 'handleId', value: node.step.ref.id }
      : { case: 'result', value: this.#indexOf(node) };
  }

  #reference(inner: Node): string {
    const name = this.#named(followed(inner));
    return JSON.stringify(name.case === 'handleId' ? { $ref: name.value } : { $result: name.value });
  }

  /** Where an operation works, and the attributes to follow from there. */
  #reach(from: Node): { target: Target | undefined; path: string[] } {
    const path: string[] = [];
    let node = followed(from);
    while (node.step.is === 'attribute' && path.length < maxPath) {
      path.unshift(node.step.name);
      node = followed(node.step.of);
    }
    this.#check(node);
    if (node.value !== undefined) throw byValue();
    switch (node.step.is) {
      case 'module':
      case 'name':
        return { target: { kind: { case: node.step.is, value: node.step.name } }, path };
      default:
        return { target: { kind: this.#named(node) }, path };
    }
  }

  #indexOf(node: Node): number {
    const known = this.#indexes.get(node);
    if (known !== undefined) return known;
    const { step } = node;
    let index: number;
    if ('action' in step) {
      if (node.hasRun) throw hasRun();
      const place = step.of === undefined ? {} : this.#reach(step.of);
      index = this.#push({ ...place, action: step.action(this.argument) });
    } else {
      index = this.#push(this.#reach(node));
    }
    this.#indexes.set(node, index);
    return index;
  }

  #push(operation: Operation): number {
    if (this.operations.length >= maxOperations) {
      throw new BeepError(
        'INVALID_ARGUMENT',
        `a batch has at most ${maxOperations} operations; hold something between`,
      );
    }
    return this.operations.push(operation) - 1;
  }

  #check({ owner }: Node): void {
    const [here, there] = [this.#owner.sessionId, owner.sessionId];
    if (owner === this.#owner || here === there || here === '' || there === '') return;
    throw new BeepError(
      'STALE_HANDLE',
      `an object of session ${there} cannot be used in session ${here}; pass its value, or make it there`,
      { metadata: { why: 'other session', sessionId: there } },
    );
  }
}

/** What a path has become, where it has been awaited. */
function followed(node: Node): Node {
  if (node.held !== undefined) return node.held;
  if (node.answer !== undefined && node.value === undefined) throw new NotYetThere(node.answer);
  return node;
}

function hasRun(): TypeError {
  return new TypeError(
    'this call has run already, as a part of another one, and would run again: hold its result first, as in `const model = await LinearRegression().$handle()`',
  );
}

function byValue(): TypeError {
  return new TypeError('this result came by value, and is not in the session any more: hold it with $handle() instead');
}
