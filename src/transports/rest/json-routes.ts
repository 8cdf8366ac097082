/** Routes of formats that say everything in JSON of their own, errors too: their bodies are handed over in texts. */
import type { Call } from '../../call.ts';
import { errors, toBeepError } from '../../errors.ts';
import type { RouteDescription } from '../../route-description.ts';
import { errorHeaders } from './error-json.ts';
import { jsonPieces } from './json-pieces.ts';
import type { RestAnswer, Route } from './route.ts';

/** One such route. */
export interface JsonRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly about?: RouteDescription;
  /** Answers with status 200; throws BeepError. `members` is the body: the JSON text of each of its members. */
  answer(
    members: ReadonlyMap<string, string>,
    call: Call,
    params: Readonly<Record<string, string>>,
  ): Promise<string | AsyncIterable<string>>;
  /** Whatever went wrong, before or in `answer`. */
  refusal(error: unknown): { readonly status: number; readonly body: string };
}

/** As the router takes them. */
export function jsonRoutes(routes: readonly JsonRoute[]): Route[] {
  return routes.map((route) => ({
    method: route.method,
    path: route.path,
    about: route.about,
    async handler({ call, params, json }) {
      const members = route.method === 'GET' ? new Map<string, string>() : membersOf((await json()).text);
      return jsonAnswer(200, await route.answer(members, call, params));
    },
    refusal(error) {
      const { status, body } = route.refusal(error);
      return jsonAnswer(status, body, errorHeaders(toBeepError(error)));
    },
  }));
}

/** The members of a text that is a JSON object. Throws INVALID_ARGUMENT for other JSON. */
export function membersOf(text: string): Map<string, string> {
  if (!text.trimStart().startsWith('{')) throw errors.invalidArgument('body must be a JSON object');
  return new Map(jsonPieces(text).map(({ key, text }) => [key, text]));
}

function jsonAnswer(status: number, body: RestAnswer['body'], headers: Record<string, string> = {}): RestAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
