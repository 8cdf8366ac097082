/** Changes of one environment come one after the other, and callers who ask for the same share one. */
import { expect, test } from 'vitest';
import { type Change, createChanges, type Waiter } from '../../../src/venvs/changes/changes.ts';

/** A change that ends when the test says so. */
function heldChange(key: string, name = 'env') {
  const done = Promise.withResolvers<string>();
  const started = Promise.withResolvers<AbortSignal>();
  let runs = 0;
  const change: Change<string> = {
    name,
    key,
    summary: `do ${key}`,
    work(onProgress, signal) {
      runs++;
      started.resolve(signal);
      signal.addEventListener('abort', () => done.reject(signal.reason));
      onProgress({ phase: 'resolve', message: `${key} begins` });
      return done.promise;
    },
  };
  return { change, finish: () => done.resolve(key), fail: done.reject, started: started.promise, runs: () => runs };
}

/** A caller who writes down what it hears, and can go. */
function caller() {
  const heard: string[] = [];
  let listener: ((reason: Error) => void) | undefined;
  const waiter: Waiter = {
    onProgress: ({ message }) => heard.push(message),
    onAbort(listen) {
      listener = listen;
      return () => {
        listener = undefined;
      };
    },
  };
  return { waiter, heard, go: () => listener?.(new Error('gone')), isListening: () => listener !== undefined };
}

test('callers of the same share one run, and the later one hears what was said last', async () => {
  const changes = createChanges();
  const held = heldChange('a');
  const [first, second] = [caller(), caller()];
  const both = [changes.run(held.change, first.waiter)];
  await held.started;
  both.push(changes.run(held.change, second.waiter));
  held.finish();
  expect(await Promise.all(both)).toEqual(['a', 'a']);
  expect(held.runs()).toBe(1);
  expect(first.heard).toEqual(['a begins']);
  expect(second.heard).toEqual(['waits for: do a, for another caller', 'a begins']);
  expect(first.isListening() || second.isListening()).toBe(false);
  expect(changes.running('env')).toBeUndefined();
});

test('different changes of one environment wait for each other, in their order, and hear for whom', async () => {
  const changes = createChanges();
  const all = ['a', 'b', 'c'].map((key) => heldChange(key));
  const callers = all.map(() => caller());
  const ended: string[] = [];
  const running = all.map(({ change }, at) =>
    changes.run(change, (callers[at] as ReturnType<typeof caller>).waiter).then((key) => ended.push(key)),
  );
  expect(changes.running('env')).toBe('do a');
  for (const { started, finish } of all) {
    await started;
    finish();
  }
  await Promise.all(running);
  expect(ended).toEqual(['a', 'b', 'c']);
  expect(callers[2]?.heard).toEqual(['waits for: do a', 'waits for: do b', 'c begins']);
});

test('changes of different environments do not wait', async () => {
  const changes = createChanges();
  const [one, two] = [heldChange('a', 'one'), heldChange('a', 'two')];
  const running = [one, two].map(({ change }) => changes.run(change, caller().waiter));
  await Promise.all([one.started, two.started]);
  one.finish();
  two.finish();
  await Promise.all(running);
});

test('a run goes on while one caller waits, and is told to end with the last', async () => {
  const changes = createChanges();
  const held = heldChange('a');
  const [first, second] = [caller(), caller()];
  const running = [first, second].map(({ waiter }) => changes.run(held.change, waiter));
  for (const one of running) one.catch(() => {});
  const signal = await held.started;
  first.go();
  await expect(running[0]).rejects.toThrow('gone');
  expect(signal.aborted).toBe(false);
  second.go();
  await expect(running[1]).rejects.toThrow('gone');
  expect(signal.aborted).toBe(true);
});

test('who asks again while an abandoned run ends gets a run of his own', async () => {
  const changes = createChanges();
  const [abandoned, again] = [heldChange('a'), heldChange('a')];
  const gone = caller();
  const first = changes.run(abandoned.change, gone.waiter);
  first.catch(() => {});
  await abandoned.started;
  gone.go();
  const second = changes.run(again.change, caller().waiter);
  again.finish();
  expect(await second).toBe('a');
  expect(again.runs()).toBe(1);
});

test('a change that waits and is given up never runs', async () => {
  const changes = createChanges();
  const [first, second] = [heldChange('a'), heldChange('b')];
  const running = changes.run(first.change, caller().waiter);
  const gone = caller();
  const waiting = changes.run(second.change, gone.waiter);
  waiting.catch(() => {});
  gone.go();
  await expect(waiting).rejects.toThrow('gone');
  first.finish();
  await running;
  expect(second.runs()).toBe(0);
});

test('a caller who has gone already starts nothing', async () => {
  const changes = createChanges();
  const held = heldChange('a');
  const waiter: Waiter = {
    onProgress() {},
    onAbort(listener) {
      listener(new Error('gone'));
      return () => {};
    },
  };
  await expect(changes.run(held.change, waiter)).rejects.toThrow('gone');
  expect(held.runs()).toBe(0);
  await changes.close();
});

test('a failure reaches everybody who waits, and the next change comes', async () => {
  const changes = createChanges();
  const [failing, next] = [heldChange('a'), heldChange('b')];
  const both = [caller(), caller()].map(({ waiter }) => changes.run(failing.change, waiter));
  for (const one of both) one.catch(() => {});
  const after = changes.run(next.change, caller().waiter);
  failing.fail(new Error('broken'));
  for (const one of both) await expect(one).rejects.toThrow('broken');
  next.finish();
  expect(await after).toBe('b');
});

test('closing ends what runs and what waits, and waits until it has ended', async () => {
  const changes = createChanges();
  const [first, second] = [heldChange('a'), heldChange('b')];
  const running = [first, second].map(({ change }) => changes.run(change, caller().waiter));
  for (const one of running) one.catch(() => {});
  await first.started;
  await changes.close();
  for (const one of running) await expect(one).rejects.toMatchObject({ reason: 'DRAINING' });
  expect(second.runs()).toBe(0);
  await expect(changes.run(first.change, caller().waiter)).rejects.toMatchObject({ reason: 'DRAINING' });
});
