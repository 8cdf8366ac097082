/** Base64, by the engine where it can, else by what every engine has. */

interface Native {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}

/** Bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  const native = bytes as { toBase64?(): string };
  if (native.toBase64 !== undefined) return native.toBase64();
  let text = '';
  // `apply` takes as many arguments as a stack has room for.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Text as bytes. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as Native;
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
