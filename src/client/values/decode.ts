/** Values of messages as JavaScript's. */
import type { PythonValue } from '../../gen/es/beep/python/v1/value_pb.ts';
import { ndArray } from './array.ts';
import { integer, type ObjectOf, parse } from './json.ts';
import { Scalar } from './kinds.ts';

/** The value of a message; undefined where there is none. None is null. */
export function decodeValue(value: PythonValue | undefined, objectOf: ObjectOf): unknown {
  if (value === undefined) return undefined;
  const { kind } = value;
  switch (kind.case) {
    case 'none':
      return null;
    case 'integer':
    case 'bigInteger':
      return integer(kind.value);
    case 'json':
      return parse(kind.value, objectOf);
    case 'scalar':
      return new Scalar(kind.value.typeName, kind.value.text);
    case 'tensor':
      return ndArray(kind.value.dtype, kind.value.shape.map(Number), kind.value.data);
    case 'object':
      return objectOf(kind.value);
    default:
      return kind.value;
  }
}
