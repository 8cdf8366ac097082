/** What a plain route is: a table of these is all that the router needs. */
import type { Call } from '../../call.ts';
import type { RouteDescription } from '../../route-description.ts';

/** One route. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS';
  /** Such as `/sessions/{id}`. */
  readonly path: string;
  /** Needs no token on loopback. */
  readonly open?: boolean;
  /** How errors are said here, also of those who come to it in a wrong way; undefined: as everywhere. */
  readonly refusal?: (error: unknown, requestId: string) => RestAnswer;
  /** For the OpenAPI description; pages and what browsers ask by themselves have none. */
  readonly about?: RouteDescription;
  /** Answers; throws BeepError. Returns once it is sure of the status: a stream starts when it is returned. */
  readonly handler: (request: RestRequest) => Promise<RestAnswer> | RestAnswer;
}

/** What a handler is given. */
export interface RestRequest {
  readonly call: Call;
  /** The names of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  /** The body as JSON: refuses another content type, too much, and what does not parse. An empty body is `{}`. */
  json(): Promise<JsonBody>;
  /** The body as bytes, as they come. Refuses another content type than the ones named. */
  bytes(...contentTypes: string[]): AsyncIterable<Uint8Array>;
}

/** A JSON body, twice: JavaScript rounds integers beyond 2^53 in `value`, so what must be exact is taken from `text`. */
export interface JsonBody {
  readonly value: unknown;
  readonly text: string;
}

/** Bytes whose place is used again when they have been written. */
export interface LentBytes {
  readonly bytes: Uint8Array;
  readonly release: (() => void) | undefined;
}

/** An answer; `answers.ts` has a function for each kind. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole, or piece by piece: the next piece is taken when there is room for it. */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array | LentBytes> | undefined;
  /** What a stream that has begun says when it breaks. */
  readonly lastWords?: (error: unknown, requestId: string) => string;
}
