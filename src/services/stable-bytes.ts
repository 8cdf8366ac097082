/** Equal messages as equal bytes: senders may put the entries of a map in any order, another one at every retry. */
import { type DescMessage, isMessage, type Message, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { Incoming } from '../call.ts';
import { sortedEntries } from './page-tokens.ts';

/** The sender's own bytes where it could have sent no others. */
export function stableBytes<D extends DescMessage>(schema: D, { message, toBytes }: Incoming<D>): Uint8Array {
  const sorted = withSortedMaps(schema, message);
  return sorted === message ? toBytes() : toBinary(schema, sorted);
}

/** The message, or one like it where a map in it has more than one entry. */
export function withSortedMaps<D extends DescMessage>(schema: D, message: MessageShape<D>): MessageShape<D> {
  return sortMessage(schema, message) as MessageShape<D>;
}

type Fields = Readonly<Record<string, unknown>>;
type Field = DescMessage['fields'][number];

function sortMessage(schema: DescMessage, message: Message): Message {
  let changes: Record<string, unknown> | undefined;
  for (const member of schema.members) {
    const given = (message as unknown as Fields)[member.localName];
    const sorted = member.kind === 'oneof' ? sortChoice(member.fields, given as Choice) : sortField(member, given);
    if (sorted !== given) changes = { ...changes, [member.localName]: sorted };
  }
  return changes === undefined ? message : { ...message, ...changes };
}

interface Choice {
  readonly case: string | undefined;
  readonly value?: unknown;
}

function sortChoice(fields: readonly Field[], given: Choice): Choice {
  const field = fields.find(({ localName }) => localName === given.case);
  const value = field && sortField(field, given.value);
  return value === given.value ? given : { case: given.case, value };
}

function sortField(field: Field, given: unknown): unknown {
  switch (field.fieldKind) {
    case 'message':
      return isMessage(given) ? sortMessage(field.message, given) : given;
    case 'list': {
      if (field.listKind !== 'message') return given;
      const items = given as Message[];
      const sorted = items.map((item) => sortMessage(field.message, item));
      return sorted.some((item, i) => item !== items[i]) ? sorted : given;
    }
    case 'map': {
      const entries = Object.entries(given as Fields);
      const sorted = entries.map(([key, value]): [string, unknown] => [
        key,
        field.mapKind === 'message' ? sortMessage(field.message, value as Message) : value,
      ]);
      const isSame = entries.length < 2 && sorted.every(([, value], i) => value === entries[i]?.[1]);
      return isSame ? given : Object.fromEntries(sortedEntries(Object.fromEntries(sorted)));
    }
    default:
      return given;
  }
}
