/** The items of an iterable, some in each trip. */

import { create } from '@bufbuild/protobuf';
import { type ItemsResult, ItemsResultSchema } from '../../gen/es/beep/python/v1/object_pb.ts';
import { ResultForm } from '../../gen/es/beep/python/v1/value_pb.ts';
import { durationOf } from '../duration.ts';
import { PythonError } from '../python-error.ts';
import { decodeValue } from '../values/decode.ts';
import { parse } from '../values/json.ts';
import { actFor, auto, objectOf, settled } from './answers.ts';
import { type Action, type Node, nodeOf } from './node.ts';
import type { ItemsOptions } from './python-object.ts';
import type { Scope } from './scope.ts';

/** Goes through an object from its beginning; an iterator goes on from where it stands. Leaving the loop lets it go. */
export async function* itemsOf(
  scope: Scope,
  node: Node,
  options: ItemsOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  const nextItems = {
    case: 'nextItems',
    value: { maxItems: options.pageSize, maxWait: durationOf(options.maxWaitMs, 'maxWaitMs') },
  } as const;
  // A handle of its own: how far an object has been gone through is remembered with its handle.
  const { handle, first } = await begin(scope, node, nextItems, options);
  try {
    for (let items = first; ; ) {
      yield* page(scope, items);
      if (items.error !== undefined) throw new PythonError(items.error, scope.objectOf);
      if (items.exhausted) return;
      ({ items = create(ItemsResultSchema) } = await actFor(scope, handle, nextItems, options));
    }
  } finally {
    scope.release(handle);
  }
}

/** The handle and the first page, in one trip. */
async function begin(scope: Scope, node: Node, nextItems: Action, options: ItemsOptions) {
  await settled(node);
  const [held, items] = await scope.send((plan) => {
    const index = plan.want(node, { form: ResultForm.HANDLE });
    return [index, plan.addTo(index, nextItems, auto)];
  }, options);
  const handle = nodeOf(objectOf(scope, held)) as Node;
  return { handle, first: items?.items ?? create(ItemsResultSchema) };
}

function page(scope: Scope, { json, values }: ItemsResult): readonly unknown[] {
  if (json !== '') return parse(json, scope.objectOf) as unknown[];
  return values.map((value) => decodeValue(value, scope.objectOf));
}
