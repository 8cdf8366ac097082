/** Where a gateway is, as a program names it. */

/** The URL of an address: "http://" is put before what names no scheme. Throws a TypeError; `what` named it. */
export function addressOf(address: unknown, what: string): string {
  if (typeof address !== 'string') throw wrong(typeof address, what);
  const text = address.trim();
  const url = text.includes('://') ? text : `http://${text}`;
  if (text === '' || text.startsWith('/') || !isOurs(url)) throw wrong(JSON.stringify(withoutPassword(text)), what);
  return url;
}

/** What the paths of calls can be put behind. */
function isOurs(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}

/** Errors are logged. */
function withoutPassword(text: string): string {
  return text.replace(/[^/]*@/, '…@');
}

function wrong(given: string, what: string): TypeError {
  return new TypeError(`${what} is no URL of a gateway: ${given}; it looks like "http://127.0.0.1:5678"`);
}
