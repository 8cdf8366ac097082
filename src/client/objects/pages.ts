/** The items of an iterable, some in each trip. */

import { create } from '@bufbuild/protobuf';
import { type ItemsResult, ItemsResultSchema } from '../../gen/es/beep/python/v1/object_pb.ts';
import { durationOf } from '../duration.ts';
import { PythonError } from '../python-error.ts';
import { decodeValue } from '../values/decode.ts';
import { parse } from '../values/json.ts';
import { actFor, handleOf } from './answers.ts';
import { type Node, nodeOf } from './node.ts';
import type { ItemsOptions } from './python-object.ts';
import type { Scope } from './scope.ts';

/** Goes through an object from its beginning; an iterator goes on from where it stands. Leaving the loop lets it go. */
export async function* itemsOf(
  scope: Scope,
  node: Node,
  options: ItemsOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  // A handle of its own: how far an object has been gone through is remembered with its handle.
  const iterated = nodeOf(await handleOf(scope, node, options)) as Node;
  const nextItems = {
    case: 'nextItems',
    value: { maxItems: options.pageSize, maxWait: durationOf(options.maxWaitMs, 'maxWaitMs') },
  } as const;
  try {
    for (;;) {
      const { items = create(ItemsResultSchema) } = await actFor(scope, iterated, nextItems, options);
      yield* page(scope, items);
      if (items.error !== undefined) throw new PythonError(items.error, scope.objectOf);
      if (items.exhausted) return;
    }
  } finally {
    scope.release(iterated);
  }
}

function page(scope: Scope, { json, values }: ItemsResult): readonly unknown[] {
  if (json !== '') return parse(json, scope.objectOf) as unknown[];
  return values.map((value) => decodeValue(value, scope.objectOf));
}
