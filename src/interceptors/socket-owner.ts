/** Who owns the other end of a connection within this machine, by the kernel's table of sockets (Linux). */
import { readFile } from 'node:fs/promises';
import type { Peer } from '../call.ts';

/** The user id of the process at the other end; undefined when the table does not say. */
export async function ownerOf(peer: Peer): Promise<number | undefined> {
  // A program with an IPv6 socket reaches an IPv4 address by its mapped form, and then stands in the other table.
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(file, 'latin1').catch(() => '');
    const uid = findOwner(table, peer, file.endsWith('6'));
    if (uid !== undefined) return uid;
  }
  return undefined;
}

/** Looks a connection up in the text of such a table: the line whose local end is the peer's remote end. */
export function findOwner(table: string, peer: Peer, isIpv6: boolean): number | undefined {
  const local = endpoint(peer.remoteAddress, peer.remotePort, isIpv6);
  const remote = endpoint(peer.localAddress, peer.localPort, isIpv6);
  if (local === undefined || remote === undefined) return undefined;
  const start = table.indexOf(`: ${local} ${remote} `);
  if (start === -1) return undefined;
  const end = table.indexOf('\n', start);
  const fields = table.slice(start + 2, end === -1 ? undefined : end).split(/\s+/);
  const [, , , , , , uid, , inode] = fields; // local remote state queues timer retransmits uid timeout inode
  // Without an inode no process has it any more, and then the table says 0 for the user.
  return uid === undefined || inode === undefined || inode === '0' ? undefined : Number(uid);
}

/** `0100007F:1234`: 32-bit words in the machine's byte order (little-endian), the port in network order. */
function endpoint(address: string, port: number, isIpv6: boolean): string | undefined {
  const bytes = addressBytes(address, isIpv6);
  if (bytes === undefined) return undefined;
  let hex = '';
  for (let word = 0; word < bytes.length; word += 4) {
    for (let i = 3; i >= 0; i--) hex += (bytes[word + i] as number).toString(16).padStart(2, '0');
  }
  return `${hex}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

function addressBytes(address: string, isIpv6: boolean): number[] | undefined {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (v4 !== undefined) return isIpv6 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4] : v4;
  // Loopback is the only IPv6 address that is asked for.
  return isIpv6 && address === '::1' ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] : undefined;
}
