/** What an editor knows: the compiler checks this file, the tests only that it is there. */
import { expect, expectTypeOf, test } from 'vitest';
import type {
  ExecutionEvent,
  Gateway,
  OwnSession,
  PythonError,
  PythonObject,
  PythonPath,
  Session,
} from '../../../src/client/node.ts';

test('an event is known by its type', () => {
  const text = (event: ExecutionEvent): string => {
    if (event.type === 'stdout') return event.text;
    if (event.type === 'finished') return event.outcome;
    if (event.type === 'error') return event.error.traceback;
    // @ts-expect-error others have no text of output
    return event.text;
  };
  expectTypeOf(text).returns.toBeString();
  expectTypeOf<PythonError['cause']>().toEqualTypeOf<PythonError | undefined>();
});

test('paths and objects are what they are awaited as', () => {
  expectTypeOf<Awaited<PythonPath>>().toBeAny();
  expectTypeOf<Awaited<PythonObject>>().toEqualTypeOf<PythonObject>();
  expectTypeOf<ReturnType<PythonPath>>().toEqualTypeOf<PythonPath>();
  expectTypeOf<PythonPath['name']>().toEqualTypeOf<PythonPath>();
  expectTypeOf<PythonObject['$facts']['shape']>().toEqualTypeOf<readonly number[]>();
  const use = async (session: Session) => {
    const math = session.import<{ hypot(x: number, y: number): PromiseLike<number> }>('math');
    expectTypeOf(await math.hypot(3, 4)).toBeNumber();
    expectTypeOf(await session.get('x').$value<string>()).toBeString();
    expectTypeOf(await session.get('x').$handle()).toEqualTypeOf<PythonObject>();
  };
  expect(use).toBeTypeOf('function');
});

test('only a session that was made here is closed by its scope', () => {
  expectTypeOf<OwnSession>().toExtend<AsyncDisposable>();
  expectTypeOf<Session>().not.toExtend<AsyncDisposable>();
  expectTypeOf<ReturnType<Gateway['createSession']>>().resolves.toEqualTypeOf<OwnSession>();
});
