// The Connect protocol (https://connectrpc.com/docs/protocol) with JSON, as much of it as a page needs.

const compressed = 0b01;
const endOfStream = 0b10;

/** A call that was refused or failed; `code` is Connect's, `reason` the gateway's own, where it gave one. */
export class CallError extends Error {
  constructor({ code = 'unknown', message = '', details = [] } = {}, cause) {
    super(message || code, { cause });
    this.name = 'CallError';
    this.code = code;
    this.reason = details.find(({ type }) => type === 'google.rpc.ErrorInfo')?.debug?.reason;
  }
}

/** One request, one answer. */
export async function unary(procedure, request, { token, signal } = {}) {
  const response = await post(procedure, 'application/json', JSON.stringify(request), { token, signal });
  if (!response.ok) throw await refusal(response);
  return await response.json();
}

/** One request, any number of answers, each as soon as it is here. Leaving the loop early cancels the call. */
export async function* serverStream(procedure, request, { token, signal } = {}) {
  const body = envelope(new TextEncoder().encode(JSON.stringify(request)));
  const response = await post(procedure, 'application/connect+json', body, { token, signal });
  if (!response.ok) throw await refusal(response);
  let end;
  for await (const { flags, payload } of envelopes(response.body)) {
    if (flags & compressed) throw new CallError({ code: 'internal', message: 'compression was not asked for' });
    const message = JSON.parse(new TextDecoder().decode(payload));
    if (flags & endOfStream) end = message;
    else yield message;
  }
  if (end === undefined) throw new CallError({ code: 'unavailable', message: 'the answer was cut short' });
  if (end.error !== undefined) throw new CallError(end.error);
}

async function post(procedure, contentType, body, { token, signal }) {
  const headers = { 'content-type': contentType, 'connect-protocol-version': '1' };
  if (token) headers.authorization = `Bearer ${token}`;
  try {
    return await fetch(`/${procedure}`, { method: 'POST', headers, body, signal, cache: 'no-store' });
  } catch (cause) {
    if (signal?.aborted) throw new CallError({ code: 'canceled' }, cause);
    throw new CallError({ code: 'unavailable', message: 'the gateway cannot be reached' }, cause);
  }
}

/** An answer that is an error before it is anything else: a body of Connect's form, or something in between spoke. */
async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  const code = response.status === 401 ? 'unauthenticated' : 'unknown';
  return new CallError({ code, message: `HTTP status ${response.status}`, ...body });
}

/** One byte of flags, four of length, then the message. */
function envelope(payload) {
  const bytes = new Uint8Array(5 + payload.length);
  new DataView(bytes.buffer).setUint32(1, payload.length);
  bytes.set(payload, 5);
  return bytes;
}

async function* envelopes(body) {
  const reader = body.getReader();
  const header = new Uint8Array(5);
  let filled = 0;
  let payload;
  let received = 0;
  let isWhole = false;
  try {
    for (;;) {
      const { done, value: chunk } = await read(reader);
      isWhole = done;
      if (done) return;
      for (let at = 0; at < chunk.length; ) {
        if (payload === undefined) {
          header[filled++] = chunk[at++];
          if (filled < header.length) continue;
          payload = new Uint8Array(new DataView(header.buffer).getUint32(1));
          received = 0;
        }
        const part = chunk.subarray(at, at + payload.length - received);
        payload.set(part, received);
        received += part.length;
        at += part.length;
        if (received < payload.length) continue;
        yield { flags: header[0], payload };
        payload = undefined;
        filled = 0;
      }
    }
  } finally {
    if (!isWhole) await reader.cancel().catch(() => {});
  }
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new CallError({ code: 'unavailable', message: 'the connection broke' }, cause);
  }
}
