/** Renderings of objects by MIME type. */
import type { MimeBundle as Message, MimePart } from '../gen/es/beep/python/v1/value_pb.ts';
import type { ObjectOf } from './values/json.ts';

/** Several renderings of one object. */
export interface MimeBundle {
  /** By MIME type: text for "text/html", bytes for "image/png"; what is too large to come along is a live object. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A bundle of a message. */
export function mimeBundleOf(message: Message, objectOf: ObjectOf): MimeBundle {
  const parts = Object.entries(message.parts).map(([type, part]) => [type, contentOf(part, objectOf)] as const);
  return {
    data: Object.fromEntries(parts),
    metadata: message.metadataJson === '' ? {} : JSON.parse(message.metadataJson),
  };
}

function contentOf({ content }: MimePart, objectOf: ObjectOf): unknown {
  return content.case === 'object' ? objectOf(content.value) : content.value;
}
