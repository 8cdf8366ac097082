/** Which web pages may call: our own, and those on an exact list. */
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import { loopbackNames, parseHost } from './host.ts';

/** Whether pages of this origin may call. `host` is the request's own, already found to be one of ours. */
export type OriginCheck = (origin: string, host: string, localPort: number) => boolean;

/** Makes the check. `null` is what sandboxed and local pages send: anyone's, so never allowed. */
export function createOriginCheck(allowed: readonly string[]): OriginCheck {
  const list = new Set(allowed.filter((origin) => origin !== 'null').map((origin) => origin.toLowerCase()));
  return (origin, host, localPort) => {
    const text = origin.toLowerCase();
    if (list.has(text)) return true;
    const match = /^https?:\/\/(.+)$/.exec(text);
    if (match === null) return false;
    if (match[1] === host.toLowerCase()) return true;
    const parsed = parseHost(match[1] as string);
    return parsed !== undefined && parsed.port === String(localPort) && loopbackNames.includes(parsed.name);
  };
}

/** Throws when a browser says that another site's page made it send this. */
export function checkOrigin(call: Call, isAllowed: OriginCheck, isOpen: boolean): void {
  const origin = call.headers.get('origin');
  if (origin !== undefined) {
    if (!isAllowed(origin, call.headers.get('host') ?? '', call.peer.localPort)) throw errors.originRefused(origin);
    return;
  }
  const site = call.headers.get('sec-fetch-site');
  // Another port of this machine is the same site, but another page: it may link here, no more.
  if (site === 'cross-site' || (site === 'same-site' && !isOpen)) throw errors.crossSiteRefused();
}
