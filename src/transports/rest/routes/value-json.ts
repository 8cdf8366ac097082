/** Values as JSON text: a user's numbers are written from what Python sent and never parsed. */
import type { PythonValue } from '../../../gen/es/beep/python/v1/value_pb.ts';
import { isOneValue } from '../../../json-pieces.ts';
import { type RawJson, rawJson, writeJson } from '../json.ts';

/** The `json` text form of any value; null where there is none. */
export function valueJson(value: PythonValue | undefined): RawJson | null {
  const text = value === undefined ? undefined : valueText(value);
  return text === undefined ? null : rawJson(text);
}

function valueText({ kind }: PythonValue): string | undefined {
  switch (kind.case) {
    case undefined:
    case 'none':
      return undefined;
    case 'boolean':
      return String(kind.value);
    case 'integer':
      return isExactInJson(kind.value) ? kind.value.toString() : writeJson({ $int: kind.value.toString() });
    case 'bigInteger':
      return writeJson({ $int: kind.value });
    case 'real':
      return realText(kind.value);
    case 'text':
      return writeJson(kind.value);
    case 'binary':
      return writeJson({ $bytes: Buffer.from(kind.value).toString('base64') });
    case 'json':
      return isOneValue(kind.value) ? kind.value : undefined; // whoever runs code in the session can claim any text
    case 'scalar':
      return writeJson({ $scalar: [kind.value.typeName, kind.value.text] });
    case 'tensor': {
      const { dtype, shape, data } = kind.value;
      return writeJson({ $tensor: { dtype, shape, data: Buffer.from(data).toString('base64') } });
    }
    case 'object':
      return writeJson({ $ref: kind.value.id, typeName: kind.value.typeName, text: kind.value.text });
  }
}

/** Readers that know nothing but doubles still see every digit. */
function isExactInJson(value: bigint): boolean {
  return value >= -(2n ** 53n) && value <= 2n ** 53n;
}

/** A float shows that it is one: `2.0`, not `2`. */
function realText(value: number): string {
  if (Number.isNaN(value)) return '{"$float":"nan"}';
  if (!Number.isFinite(value)) return value > 0 ? '{"$float":"inf"}' : '{"$float":"-inf"}';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
