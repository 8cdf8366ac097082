/** The one gate: who may call, by which name, from which page. Everything passes it, on every port. */
import type { Call, Interceptor, Peer } from '../call.ts';
import { errors } from '../errors.ts';
import { createHostCheck, isLoopback } from './host.ts';
import { checkOrigin, createOriginCheck } from './origin.ts';
import { ownerOf } from './socket-owner.ts';
import type { NamedToken } from './tokens.ts';
import { bearerToken, createTokenCheck } from './tokens.ts';

/** Who is let in. */
export interface AuthenticateOptions {
  auth: 'token' | 'same-user' | 'none';
  tokens: readonly NamedToken[];
  /** Names beside the loopback ones that requests may be addressed to. */
  allowHost?: readonly string[];
  /** Origins beside our own whose pages may call. */
  allowOrigin?: readonly string[];
  /** Procedures that need no token on loopback. */
  isOpen?: (procedure: string) => boolean;
  /** Default: this process's. */
  ourUid?: number;
}

/** Headers of a browser or of something that passes on what others sent: their user is not the socket's. */
const foreignHeaders = ['origin', 'forwarded', 'via'];
const foreignPrefixes = ['sec-fetch-', 'x-forwarded-'];

/** A browser's question whether a page may call: it never carries a token, and the answer tells nothing. */
export const preflightProcedure = 'OPTIONS *';

const whereTheTokenIs =
  'send "Authorization: Bearer <token>" with the token from the token file named at start, or start the gateway with --auth same-user';

/** Makes the interceptor. */
export function createAuthenticate(options: AuthenticateOptions): Interceptor {
  const isOurHost = createHostCheck(options.allowHost ?? []);
  const isAllowedOrigin = createOriginCheck(options.allowOrigin ?? []);
  const isOpen = options.isOpen ?? (() => false);
  const ourUid = options.ourUid ?? process.getuid?.() ?? -1;
  const identify = { token: createByToken(options), 'same-user': createBySameUser(options, ourUid), none: byNone }[
    options.auth
  ];

  function byNone(call: Call): string {
    if (!isLoopback(call.peer.remoteAddress))
      throw errors.unauthenticated('without a token only this machine may call');
    return `uid:${ourUid}`;
  }

  return async (call, next) => {
    // The pipe is guarded by its file mode, and no browser reaches it.
    if (call.peer.listener === 'pipe') {
      call.principal = `uid:${ourUid}`;
      return next();
    }
    const host = call.headers.get('host');
    if (host === undefined || host === '') throw errors.hostMissing();
    if (!isOurHost(host, call.peer)) throw errors.hostRefused(host);
    const open = isOpen(call.procedure);
    checkOrigin(call, isAllowedOrigin, open);
    if (call.procedure === preflightProcedure) return next();
    if (!open || !isLoopback(call.peer.remoteAddress)) {
      const principal = identify(call);
      call.principal = typeof principal === 'string' ? principal : await principal;
    }
    return next();
  };
}

function createByToken({ tokens }: AuthenticateOptions): (call: Call) => string {
  const nameOf = createTokenCheck(tokens);
  // Callers send the same header on every call of a connection. Only one that was let in is remembered, and compared only
  // with what comes on that very connection, so the time it takes tells nothing to anybody who does not know it.
  const letIn = new WeakMap<Peer, { header: string; principal: string }>();
  return (call) => {
    const header = call.headers.get('authorization');
    const before = letIn.get(call.peer);
    if (before !== undefined && before.header === header) return before.principal;
    const presented = bearerToken(header);
    if (presented === undefined) throw errors.unauthenticated(`no token; ${whereTheTokenIs}`);
    const name = nameOf(presented);
    if (name === undefined) throw errors.unauthenticated(`token is not known; ${whereTheTokenIs}`);
    const principal = `token:${name}`;
    letIn.set(call.peer, { header: header as string, principal });
    return principal;
  };
}

function createBySameUser(options: AuthenticateOptions, ourUid: number): (call: Call) => string | Promise<string> {
  const byToken = createByToken(options);
  const owners = new WeakMap<Peer, Promise<number | undefined>>();
  return async (call) => {
    if (call.headers.has('authorization')) return byToken(call);
    for (const name of call.headers.keys()) {
      if (foreignHeaders.includes(name) || foreignPrefixes.some((prefix) => name.startsWith(prefix))) {
        throw errors.unauthenticated(
          `no token, and the header ${name} says that this comes from elsewhere; ${whereTheTokenIs}`,
        );
      }
    }
    if (!isLoopback(call.peer.remoteAddress))
      throw errors.unauthenticated(`no token, from another machine; ${whereTheTokenIs}`);
    let owner = owners.get(call.peer);
    if (owner === undefined) {
      owner = ownerOf(call.peer);
      owners.set(call.peer, owner);
    }
    const uid = await owner;
    if (uid !== ourUid) {
      const whose =
        uid === undefined
          ? 'the system does not say whose the connection is'
          : 'the connection belongs to another user';
      throw errors.unauthenticated(`no token, and ${whose}; ${whereTheTokenIs}`);
    }
    return `uid:${ourUid}`;
  };
}
