/**
 * Which names this gateway answers to. A web page that makes its own name point here (rebinding) still sends its own
 * name, so a name that is not on the list is refused.
 */
import type { Peer } from '../call.ts';

/** `host[:port]`, its name in lower case, IPv6 without brackets; undefined when it is not well formed. */
export function parseHost(text: string): { name: string; port: string } | undefined {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9._-]{0,252})))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  return { name: (match[1] ?? match[2] ?? '').toLowerCase(), port: match[3] ?? '' };
}

/** Whether a Host is one of ours. The port does not count; an address counts when the connection was made to it. */
export function createHostCheck(names: readonly string[]): (host: string, peer: Peer) => boolean {
  const ours = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase().replace(/^\[|\]$/g, ''))]);
  return (host, peer) => {
    const parsed = parseHost(host);
    return parsed !== undefined && (ours.has(parsed.name) || parsed.name === plainAddress(peer.localAddress));
  };
}

/** Names that only this machine uses for itself. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Whether an address of a socket is this machine's own loopback. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || plain.startsWith('127.');
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
