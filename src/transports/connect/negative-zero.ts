/**
 * Negative zero in messages that go out as JSON. `JSON.stringify` writes it as `0`, and protobuf's library leaves numbers
 * to it; the text of a `json` value passes through as it is, so there it goes as one.
 */

/** The message, or where it has a negative zero as a value, a copy that says it as `json`. */
export function withNegativeZeros<M extends object>(message: M): M {
  if (isNegativeZero(message)) return { ...message, kind: { case: 'json', value: '-0.0' } };
  let copy: M | undefined;
  for (const name in message) {
    const member = message[name];
    if (typeof member !== 'object' || member === null || ArrayBuffer.isView(member)) continue;
    const exact = withNegativeZeros(member);
    if (exact === member) continue;
    copy ??= copyOf(message);
    copy[name] = exact;
  }
  return copy ?? message;
}

/** Whether it is a PythonValue with one; in lists of numbers and in other messages there is none of the user's. */
function isNegativeZero(message: object): boolean {
  const { $typeName, kind } = message as { $typeName?: string; kind?: { case?: string; value?: unknown } };
  return $typeName === 'beep.python.v1.PythonValue' && kind?.case === 'real' && Object.is(kind.value, -0);
}

function copyOf<M extends object>(message: M): M {
  if (Array.isArray(message)) return [...message] as M;
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message);
}
