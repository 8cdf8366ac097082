/** Paths and live objects as they are written in a program: attributes and calls of Python, and what begins with `$`. */
import type { DescriptionResult } from '../../gen/es/beep/python/v1/object_pb.ts';
import { checked } from '../option-names.ts';
import { act, actFor, answerOf, exactValueOf, handleOf } from './answers.ts';
import { enter, within } from './context.ts';
import { splitArguments } from './keywords.ts';
import { batchArgument, Node, type Resolve, register, type Step } from './node.ts';
import { batchNames, describeNames, itemsNames, transferNames, valueNames } from './operation-options.ts';
import { itemsOf } from './pages.ts';
import type { Description, ObjectFacts, ObjectOperations, PythonObject, PythonPath } from './python-object.ts';
import { readArray, readArrow, readBytes, readColumns } from './reading.ts';
import type { BatchOptions, Scope } from './scope.ts';

/** A path: it is done when it is awaited. */
export function createPath(scope: Scope, step: Step): PythonPath {
  const node = new Node(scope, step);
  const then = (...handlers: Parameters<Promise<unknown>['then']>) => answerOf(scope, node).then(...handlers);
  const show = () => `PythonPath ${shown(node)}`;
  const own = () => furtherOf(scope, node);
  return createProxy({ scope, node, awaited: then, own, kind: 'PythonPath', show, asJson: show }) as PythonPath;
}

/** A live object that is held by its handle. It has no `then`: an async function has to be able to return it. */
export function createObject(scope: Scope, node: Node): PythonObject {
  if (node.step.is !== 'handle') throw new TypeError('a live object has a handle');
  const { id, typeName, text, shape } = node.step.ref;
  const facts: ObjectFacts = { id, typeName, text, shape: shape.map(Number) };
  const own = () => ({
    ...furtherOf(scope, node),
    $facts: facts,
    $release: () => scope.release(node),
    [Symbol.asyncDispose]: async () => scope.release(node),
  });
  const show = () => `PythonObject ${typeName === '' ? id : typeName}${text === '' ? '' : ` (${text})`}`;
  // As the gateway writes it in JSON, too.
  const asJson = () => ({ $ref: id, typeName, text });
  return createProxy({ scope, node, awaited: undefined, own, kind: 'PythonObject', show, asJson }) as PythonObject;
}

/** A call of what a path leads to. */
export function callOf(scope: Scope, of: Node, given: readonly unknown[]): PythonPath {
  const [positional, named] = splitArguments(given);
  // As they are now: who changes a list before awaiting the call means the call as it was written.
  const args = positional.map((value, index) => batchArgument(value, `args[${index}]`));
  const kwargs = Object.entries(named).map(
    ([name, value]) => [name, batchArgument(value, `kwargs[${JSON.stringify(name)}]`)] as const,
  );
  return createPath(scope, {
    is: 'operation',
    of,
    action: (resolve) => ({
      case: 'call',
      value: {
        args: args.map(resolve),
        kwargs: Object.fromEntries(kwargs.map(([name, argument]) => [name, resolve(argument)])),
      },
    }),
  });
}

/** Every operation of a path or an object. */
function furtherOf(scope: Scope, node: Node): Record<PropertyKey, unknown> & ObjectOperations {
  const items: ObjectOperations['$items'] = (options) => itemsOf(scope, node, checked(options, itemsNames, '$items()'));
  return {
    $value: async (options) => (await exactValueOf(scope, node, checked(options, valueNames, '$value()'))) as never,
    $handle: async (options) => await handleOf(scope, node, batch(options, '$handle()')),
    $attribute: (name) => createPath(scope, { is: 'attribute', of: node, name }),
    $item(key) {
      const argument = batchArgument(key, 'key');
      return createPath(scope, {
        is: 'item',
        of: node,
        action: (resolve) => ({ case: 'getItem', value: { key: resolve(argument) } }),
      });
    },
    $await: () => createPath(scope, { is: 'operation', of: node, action: () => ({ case: 'awaitResult', value: {} }) }),
    async $setItem(key, value, options) {
      const [at, to] = [batchArgument(key, 'key'), batchArgument(value, 'value')];
      const action = (resolve: Resolve) =>
        ({ case: 'setItem', value: { key: resolve(at), value: resolve(to) } }) as const;
      await act(scope, node, action, batch(options, '$setItem()'));
    },
    async $deleteItem(key, options) {
      const at = batchArgument(key, 'key');
      await act(
        scope,
        node,
        (resolve) => ({ case: 'deleteItem', value: { key: resolve(at) } }),
        batch(options, '$deleteItem()'),
      );
    },
    async $setAttribute(name, value, options) {
      const to = batchArgument(value, 'value');
      const action = (resolve: Resolve) => ({ case: 'setAttribute', value: { value: resolve(to) } }) as const;
      await act(scope, attribute(scope, node, name), action, batch(options, '$setAttribute()'));
    },
    async $deleteAttribute(name, options) {
      const action = () => ({ case: 'deleteAttribute', value: {} }) as const;
      await act(scope, attribute(scope, node, name), action, batch(options, '$deleteAttribute()'));
    },
    async $length(options) {
      const { value } = await actFor(scope, node, { case: 'measure', value: {} }, batch(options, '$length()'));
      return Number(value?.kind.value);
    },
    async $describe(options) {
      const { attributes = false, ...rest } = checked(options, describeNames, '$describe()') ?? {};
      const { description } = await actFor(scope, node, { case: 'describe', value: { attributes } }, rest);
      return descriptionOf(description);
    },
    $items: items,
    $readArray: async (options) => await readArray(scope, node, checked(options, transferNames, '$readArray()')),
    $readBytes: async (options) => await readBytes(scope, node, checked(options, transferNames, '$readBytes()')),
    $readArrow: async (options) => await readArrow(scope, node, checked(options, transferNames, '$readArrow()')),
    $readColumns: async (options) => await readColumns(scope, node, checked(options, transferNames, '$readColumns()')),
    $enter: async (options) => await enter(scope, node, batch(options, '$enter()')),
    $with: async (body, options) => await within(scope, node, body, batch(options, '$with()')),
    [Symbol.asyncIterator]: () => items(),
  };
}

function batch(options: BatchOptions | undefined, what: string): BatchOptions | undefined {
  return checked(options, batchNames, what);
}

function attribute(scope: Scope, of: Node, name: string): Node {
  return new Node(scope, { is: 'attribute', of, name });
}

const inspect = Symbol.for('nodejs.util.inspect.custom');
/** Where debuggers look for a text. */
const describe = Symbol.for('debug.description');

interface ProxyOptions {
  readonly scope: Scope;
  readonly node: Node;
  /** Its `then`. */
  readonly awaited: unknown;
  /** What it has beside attributes; made when something of it is used, which most paths never see. */
  readonly own: () => Record<PropertyKey, unknown>;
  /** The name of its class, if it had one. */
  readonly kind: string;
  /** What is shown of it to people. */
  readonly show: () => string;
  /** What `JSON.stringify` makes of it. */
  readonly asJson: () => unknown;
}

function createProxy({ scope, node, awaited, own, kind, show, asJson }: ProxyOptions): object {
  let made: Record<PropertyKey, unknown> | undefined;
  const ownOf = (name: PropertyKey) => {
    made ??= own();
    return Object.hasOwn(made, name) ? made[name] : undefined;
  };
  // What is shown of a proxy is looked up at its target.
  const target = Object.assign(() => {}, { [inspect]: show, [describe]: show, [Symbol.toStringTag]: kind });
  const toPrimitive = (hint: string) => {
    if (hint === 'string') return show();
    throw new TypeError(`${show()} is no value to compute with: await it first`);
  };
  const proxy = new Proxy(target, {
    get(_, name) {
      if (name === Symbol.toPrimitive) return toPrimitive;
      if (typeof name === 'symbol') return ownOf(name) ?? Reflect.get(target, name);
      if (name.startsWith('$')) return ownOf(name);
      if (name === 'then') return awaited;
      if (name === 'toJSON') return asJson;
      return createPath(scope, { is: 'attribute', of: node, name });
    },
    has: (_, name) => (name === 'then' ? awaited !== undefined : ownOf(name) !== undefined),
    apply: (_, _self, args) => callOf(scope, node, args),
    set(_, name) {
      throw new TypeError(`assigning is a trip: await object.$setAttribute(${JSON.stringify(String(name))}, value)`);
    },
    deleteProperty(_, name) {
      throw new TypeError(`deleting is a trip: await object.$deleteAttribute(${JSON.stringify(String(name))})`);
    },
  });
  register(proxy, node);
  return proxy;
}

function shown({ step }: Node): string {
  switch (step.is) {
    case 'handle':
      return step.ref.typeName;
    case 'attribute':
      return `${shown(step.of)}.${step.name}`;
    case 'item':
      return `${shown(step.of)}[...]`;
    case 'operation':
      return step.of === undefined ? '(...)' : `${shown(step.of)}(...)`;
    default:
      return step.name;
  }
}

function descriptionOf(description: DescriptionResult | undefined): Description {
  if (description === undefined) throw new TypeError('no description came');
  const { typeName, text, documentation, signature, callable, iterable, awaitable, attributes } = description;
  return {
    typeName,
    text,
    documentation,
    signature,
    callable: callable === true,
    iterable: iterable === true,
    awaitable: awaitable === true,
    attributes: attributes.map(({ name, typeName, callable }) => ({ name, typeName, callable })),
  };
}
