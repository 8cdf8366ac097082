import type { DescEnum } from '@bufbuild/protobuf';

/** The name of an enum's value without its prefix, such as `OK`; null for UNSPECIFIED, which says nothing. */
export function enumName(schema: DescEnum, value: number): string | null {
  return value === 0 ? null : (schema.value[value]?.localName ?? String(value));
}
