/** Live objects, by the client. */
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { float, kwargs, type PythonObject, tuple } from '../../src/client/node.ts';
import { until } from '../support/until.ts';
import { testOverTransports } from './over-transports.ts';
import type { Stage } from './stage.ts';
import { tripsOf } from './trips.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const heldBy = async ({ python }: Stage, sessionId: string) =>
  (await python.services.objects.listHandles({ sessionId })).handles.map(({ object }) => object?.id);

testOverTransports({
  'a chain of attributes and calls is one trip': async (stage) => {
    await using session = await stage.python.createSession();
    const fractions = session.import('fractions');
    const trips = await tripsOf(stage, async () => {
      expect(await fractions.Fraction(3, 6).limit_denominator().denominator.bit_length()).toBe(2);
    });
    expect(trips).toBe(1);
    expect(await heldBy(stage, session.id)).toEqual([]);
  },

  'keyword arguments': async ({ python }) => {
    await using session = await python.createSession();
    const parse = session.import('fractions').Fraction;
    expect(await parse(kwargs({ numerator: 3, denominator: 4 })).denominator).toBe(4);
    expect(await session.get('sorted')([3, 1, 2], kwargs({ reverse: true }))).toEqual([3, 2, 1]);
    expect(await session.get('dict')({ a: 1 })).toEqual({ a: 1 });
    expect(() => parse(kwargs({ numerator: 3 }), 4)).toThrow('has to be the last');
  },

  'handles as arguments, and inside of containers': async ({ python }) => {
    await using session = await python.createSession();
    await session.run(
      'class Point:\n    def __init__(self, x): self.x = x\ndef xs(points): return [p.x for p in points]',
    );
    const point = session.get('Point');
    const [one, other] = [await point(1), await point(2)];
    expect(await session.get('xs')([one, other, one])).toEqual([1, 2, 1]);
    expect(await session.get('xs')(tuple(other))).toEqual([2]);
    expect(await session.get('isinstance')(one, await point)).toBe(true);
    const { value } = await session.run({ function: 'xs', args: [[one]] });
    expect(value).toEqual([1]);
  },

  'a path as an argument of another is part of the same trip': async (stage) => {
    await using session = await stage.python.createSession();
    const { Fraction } = session.import('fractions');
    const trips = await tripsOf(stage, async () => {
      const half = Fraction(1, 2);
      expect(await session.get('max')(half, Fraction(2, 3), half).numerator).toBe(2);
      const third = Fraction(1, 3);
      expect(await session.get('sum')([third, tuple(third, third).length, 1].slice(0, 1)).denominator).toBe(3);
      expect(await session.all([third.numerator, third.denominator]).catch(String)).toContain('has run already');
      const fifth = Fraction(1, 5);
      const [object, numerator, again] = (await session.all([fifth, fifth.numerator, fifth])) as PythonObject[];
      expect([object?.$facts.typeName, numerator, again?.$facts.typeName]).toEqual([
        'fractions.Fraction',
        1,
        'fractions.Fraction',
      ]);
    });
    expect(trips).toBe(3);
  },

  'code runs once, however often its path is awaited, and never again as a part of another': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('calls = 0\ndef call():\n    global calls\n    calls += 1\n    return [calls]');
    const call = session.get('call')();
    expect(await call).toEqual([1]);
    expect(await Promise.all([call, call.then((value: unknown) => value)])).toEqual([[1], [1]]);
    expect(await session.get('calls')).toBe(1);

    const used = session.get('call')();
    expect(await used.$length()).toBe(1);
    await expect(used.$length()).rejects.toThrow('has run already');
    await expect(Promise.resolve(used)).rejects.toThrow('has run already');
    expect(await session.get('calls')).toBe(2);

    const held = session.get('call')();
    const object = await held.$handle();
    await object.append(7);
    expect(await held.$value()).toEqual([3, 7]);
    expect(await held.count(7)).toBe(1);
  },

  'an async function may return an object, and does what a path says': async ({ python }) => {
    await using session = await python.createSession();
    const made = async () => session.get('object')();
    const object = await made();
    expect(object.$facts.typeName).toBe('object');
    const passed = await (async () => object)();
    expect(passed).toBe(object);
    expect(['then' in (object as object), '$facts' in (object as object)]).toEqual([false, true]);
    expect((object as { then?: unknown }).then).toBeUndefined();
    const wrapped = { path: session.get('len')([1, 2]) };
    expect(await (async () => wrapped)()).toBe(wrapped);
    expect(await wrapped.path).toBe(2);
  },

  'an object is held by handle, used, and released when its scope ends': async (stage) => {
    await using session = await stage.python.createSession();
    let kept: PythonObject;
    {
      await using list = await session.get('list')([1, 2]).$handle();
      kept = list;
      await list.append(3);
      expect(await list).toBe(list);
      expect(await list.$value()).toEqual([1, 2, 3]);
      expect(await heldBy(stage, session.id)).toEqual([list.$facts.id]);
    }
    await session.get('len')([]);
    expect(await heldBy(stage, session.id)).toEqual([]);
    await expect(kept.append(4)).rejects.toMatchObject({ reason: 'STALE_HANDLE' });
  },

  'releases ride along with the next batch, or go by themselves when none comes': async (stage) => {
    await using session = await stage.python.createSession();
    const trips = await tripsOf(stage, async () => {
      const objects = await Promise.all([1, 2, 3].map(() => session.get('object')().$handle()));
      for (const object of objects) object.$release();
      expect(await session.evaluate('1')).toBe(1);
      expect(await heldBy(stage, session.id)).toEqual([]);
    });
    expect(trips).toBe(4);
    (await session.get('object')().$handle()).$release();
    await until('the handle is let go', async () => (await heldBy(stage, session.id)).length === 0);
  },

  'items, attributes and names are read, set and deleted': async ({ python }) => {
    await using session = await python.createSession();
    await session.set('table', new Map([['a', [1]]]));
    const table = await session.get('table').$handle();
    await table.$setItem('b', { c: [float(2), null] });
    expect(await table.$item('b').$item('c')).toEqual([2, null]);
    await table.$deleteItem('a');
    expect(await table.$value()).toEqual({ b: { c: [2, null] } });
    expect(await table.$length()).toBe(1);
    await session.run('class Thing: pass\nthing = Thing()');
    const thing = session.get('thing');
    await thing.$setAttribute('then', 5);
    expect(await thing.$attribute('then')).toBe(5);
    await thing.$deleteAttribute('then');
    await expect(Promise.resolve(thing.$attribute('then'))).rejects.toMatchObject({ type: 'AttributeError' });
    await session.delete('thing');
    await expect(Promise.resolve(session.get('thing'))).rejects.toMatchObject({ type: 'NameError' });
    expect(await session.evaluate('a + len(table)', { a: 5 })).toBe(6);
    expect(() => {
      (table as unknown as { x: number }).x = 1;
    }).toThrow('$setAttribute("x", value)');
    await expect(table.$describe({ attributes: true })).resolves.toMatchObject({ typeName: 'dict', iterable: true });
  },

  'an iterator is gone through in batches, and let go where the loop is left': async (stage) => {
    await using session = await stage.python.createSession();
    const squares: number[] = [];
    const trips = await tripsOf(stage, async () => {
      for await (const n of session.evaluate('(n * n for n in range(250))').$items({ pageSize: 100 })) squares.push(n);
    });
    expect(squares).toEqual(Array.from({ length: 250 }, (_, n) => n * n));
    expect(trips).toBe(3);
    const list = await session.get('list')([1, 2, 3]).$handle();
    for (const _ of [1, 2]) {
      const items = [];
      for await (const item of list) items.push(item);
      expect(items).toEqual([1, 2, 3]);
    }
    for await (const item of session.import('itertools').count()) if (item === 150) break;
    for await (const item of session.evaluate('iter([object()])')) expect(item.$facts.typeName).toBe('object');
    list.$release();
    await session.evaluate('1');
    const seen: number[] = [];
    const fails = async () => {
      for await (const n of session.evaluate('(1 // (2 - n) for n in range(9))')) seen.push(n);
    };
    await expect(fails()).rejects.toMatchObject({ type: 'ZeroDivisionError' });
    expect(seen).toEqual([0, 1]);
    await session.run('async def ticks():\n    for n in range(3): yield n');
    const ticks = [];
    for await (const n of session.get('ticks')()) ticks.push(n);
    expect(ticks).toEqual([0, 1, 2]);
    await expect(
      (async () => {
        for await (const _ of session.evaluate('5'));
      })(),
    ).rejects.toMatchObject({
      type: 'TypeError',
    });
  },

  'a context manager is entered and left, also by an error': async (stage) => {
    await using session = await stage.python.createSession();
    await session.run(`
import contextlib
told = []
@contextlib.contextmanager
def managed(name):
    told.append("in " + name)
    try: yield [name]
    except KeyError as error: told.append(repr(error))
    finally: told.append("out " + name)`);
    const managed = session.get('managed');
    {
      await using context = await managed('a').$enter();
      expect(context.value).toEqual(['a']);
    }
    expect(await managed('b').$with((value) => value)).toEqual(['b']);
    const broken = managed('c').$with(() => {
      throw new Error('broke here');
    });
    await expect(broken).rejects.toThrow('broke here');
    expect(await managed('d').$with(() => session.evaluate('{}["key"]'))).toBeUndefined();
    expect(await session.get('told')).toEqual([
      'in a',
      'out a',
      'in b',
      'out b',
      'in c',
      'out c',
      'in d',
      "KeyError('key')",
      'out d',
    ]);
    await session.evaluate('1');
    expect(await heldBy(stage, session.id)).toEqual([]);
    await expect(session.evaluate('5').$items().next()).rejects.toMatchObject({ type: 'TypeError' });
    await session.evaluate('1');
    expect(await heldBy(stage, session.id)).toEqual([]);
    await expect(session.evaluate('5').$enter()).rejects.toMatchObject({ type: 'TypeError' });
    await session.evaluate('1');
    expect(await heldBy(stage, session.id)).toEqual([]);
  },

  'what leaving a context throws hides nothing, and what has gone is left already': async (stage) => {
    await using session = await stage.python.createSession();
    await session.run(`
class Broken:
    def __enter__(self): return self
    def __exit__(self, kind, error, trace): raise OSError("cannot leave")`);
    const mine = new Error('mine');
    const fail = () => {
      throw mine;
    };
    const both = { name: 'SuppressedError', error: { name: 'PythonError', type: 'OSError' }, suppressed: mine };
    await expect(session.get('Broken')().$with(fail)).rejects.toMatchObject(both);
    const scope = async () => {
      await using _ = await session.get('Broken')().$enter();
      fail();
    };
    await expect(scope()).rejects.toMatchObject(both);
    await expect(
      session
        .get('Broken')()
        .$with(() => 1),
    ).rejects.toMatchObject({ type: 'OSError' });

    // Whoever leaves by hand is told once.
    const byHand = async () => {
      await using context = await session.get('Broken')().$enter();
      await expect(context.exit()).rejects.toMatchObject({ type: 'OSError' });
    };
    await byHand();

    // What cannot be sent, or has no text, is an error there all the same.
    const seen = session.import('contextlib').suppress(session.get('RuntimeError'));
    expect(await (await seen.$handle()).$with(() => Promise.reject(Object.create(null)))).toBeUndefined();

    for (const end of ['close', 'restart'] as const) {
      await using other = await stage.python.createSession();
      const open = () => other.import('io').StringIO('x');
      await using context = await open().$enter();
      const ended = open().$with(async () => {
        await other[end]();
        fail();
      });
      await expect(ended).rejects.toBe(mine);
      expect(await context.exit(mine)).toBe(false);
    }
  },

  'a coroutine is awaited in the session': async (stage) => {
    await using session = await stage.python.createSession();
    await session.run('import asyncio\nasync def slow(x):\n    await asyncio.sleep(0.01)\n    return [x]');
    expect(await session.get('slow')(5).$await().$item(0)).toBe(5);
    const coroutine = await session.get('slow')(6);
    expect(coroutine.$facts.typeName).toBe('coroutine');
    expect(await coroutine.$await()).toEqual([6]);
  },

  'what raises in a batch is raised, with its traceback': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('def fail(): raise LookupError("nothing there")');
    const failed = Promise.resolve(session.get('fail')().name);
    await expect(failed).rejects.toMatchObject({ name: 'PythonError', type: 'LookupError', message: 'nothing there' });
    await expect(failed.catch((error) => error.traceback)).resolves.toContain('def fail(): raise LookupError');
    await expect(Promise.resolve(session.import('no_such_module'))).rejects.toMatchObject({
      type: 'ModuleNotFoundError',
    });
    await expect(session.get('object')().$value()).rejects.toMatchObject({ reason: 'CONVERSION_FAILED' });
    await expect(session.evaluate('[1, {"x": object()}]').$value()).rejects.toMatchObject({
      reason: 'CONVERSION_FAILED',
      metadata: { path: expect.stringContaining('[1]["x"]') },
    });
  },

  'what operations write is told, and a batch whose session dies says so': async ({ connect }) => {
    const written: unknown[] = [];
    await using python = await connect({ onOutput: (output) => written.push(output) });
    await using session = await python.createSession();
    await session.get('print')('hello');
    expect(written).toEqual([{ sessionId: session.id, stdout: 'hello\n', stderr: '' }]);
    const object = await session.get('object')();
    await expect(Promise.resolve(session.import('os')._exit(3))).rejects.toMatchObject({
      name: 'ExecutionStopped',
      outcome: 'EXITED',
      ending: { exitCode: 3, statePreserved: false },
    });
    const stale = Promise.resolve(object.x);
    await expect(stale).rejects.toMatchObject({ reason: 'STALE_HANDLE' });
    await expect(stale).rejects.toThrow('generation 1');
  },

  'an object of another session is refused before anything is sent': async (stage) => {
    await using session = await stage.python.createSession();
    await using other = await stage.python.createSession();
    const object = await session.get('object')();
    const trips = await tripsOf(stage, async () => {
      const refused = { reason: 'STALE_HANDLE', metadata: { why: 'other session' } };
      await expect(Promise.resolve(other.get('repr')(object))).rejects.toMatchObject(refused);
      await expect(Promise.resolve(other.get('repr')([object]))).rejects.toMatchObject(refused);
    });
    expect(trips).toBe(0);
  },

  'a cancelled call stops its batch, and a timeout does': async ({ python }) => {
    await using session = await python.createSession();
    const cancel = new AbortController();
    const endless = session.evaluate('[None for _ in iter(int, 1)]').$value({ signal: cancel.signal });
    await until('the batch runs', async () => (await session.info()).state === 'BUSY');
    cancel.abort(new Error('no longer wanted'));
    await expect(endless).rejects.toThrow('no longer wanted');
    await until('the batch is stopped', async () => (await session.info()).state === 'IDLE');
    const late = session.import('time').sleep(60).$value({ timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ name: 'ExecutionStopped', outcome: 'TIMEOUT' });
  },

  'a path is no value: what would take it for one is told': async ({ python }) => {
    await using session = await python.createSession();
    const path = session.get('len')([1]);
    const number = path as unknown as number;
    expect(() => number + 1).toThrow('PythonPath len(...) is no value to compute with: await it first');
    expect(() => number < 2).toThrow('await it first');
    expect(() => +number).toThrow('await it first');
    expect(() => session.get('len')(() => 1)).toThrow('args[0]: a function cannot be called from Python');
    expect(() => session.get('len')([1, { x: undefined }])).toThrow('args[0][1]["x"]: undefined has no value');
    await expect(session.run({ function: 'len', args: [path] })).rejects.toThrow('still to be done');
  },

  'a path and an object are shown to people without a trip': async (stage) => {
    await using session = await stage.python.createSession();
    const path = session.get('print')('x').name.$item(0);
    const object = await session.evaluate('[[], object()]');
    const { id } = object.$facts;
    const [ofPath, ofObject] = ['PythonPath print(...).name[...]', 'PythonObject list (list of 2)'];
    const trips = await tripsOf(stage, async () => {
      expect([String(path), `${object}`]).toEqual([ofPath, ofObject]);
      expect(JSON.stringify({ path, object })).toBe(
        `{"path":"${ofPath}","object":{"$ref":"${id}","typeName":"list","text":"list of 2"}}`,
      );
      expect([inspect(path), inspect({ object })]).toEqual([ofPath, `{ object: ${ofObject} }`]);
      expect(inspect(object, { showProxy: true })).toContain(ofObject);
      const debugged = Symbol.for('debug.description');
      expect([path, object].map((shown) => (shown as never)[debugged])).toEqual([
        expect.any(Function),
        expect.any(Function),
      ]);
      expect(Object.prototype.toString.call(object)).toBe('[object PythonObject]');
      expect([Object.keys(path), typeof path, 'x' in object]).toEqual([[], 'function', false]);
    });
    expect(trips).toBe(0);
    expect(stage.python.defaultSession.import('os').path.sep[Symbol.toPrimitive]('string')).toBe(
      'PythonPath os.path.sep',
    );
    // What the text of Python's is, is asked for.
    expect(await session.get('str')(object)).toContain('<object object at');
  },

  'what is forgotten is let go some day': async (stage) => {
    await using session = await stage.python.createSession();
    for (let count = 0; count < 20; count++) await session.get('object')();
    const kept = await session.get('object')();
    await until('what was forgotten is let go', async () => {
      collectGarbage();
      return (await heldBy(stage, session.id)).length === 1;
    });
    expect(await kept.__class__.__name__).toBe('object');
  },

  'many calls and runs at once all have their turn': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('total = 0\ndef add(n):\n    global total\n    total += n\n    return n');
    const numbers = Array.from({ length: 150 }, (_, n) => n);
    const add = session.get('add');
    const called = Promise.all(numbers.map((n) => add(n)));
    const ran = Promise.all(numbers.map(async (n) => (await session.run(`add(${n})`)).value));
    expect(await called).toEqual(numbers);
    expect(await ran).toEqual(numbers);
    expect(await session.get('total')).toBe(149 * 150);
  },

  'a path is as long as it has to be': async (stage) => {
    await using session = await stage.python.createSession();
    await session.run('class Link: pass\nlink = Link()\nlink.next = link\nlink.name = "end"');
    let path = session.get('link');
    for (let step = 0; step < 300; step++) path = path.next;
    const trips = await tripsOf(stage, async () => expect(await path.name).toBe('end'));
    expect(trips).toBe(1);
  },
});
