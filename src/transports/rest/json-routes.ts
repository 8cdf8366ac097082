/** Routes of formats that say everything in JSON of their own, errors too: their bodies are handed over as text. */
import type { Call } from '../../call.ts';
import { toBeepError } from '../../errors.ts';
import type { RouteDescription } from '../../route-description.ts';
import { errorHeaders } from './error-json.ts';
import type { RestAnswer, Route } from './route.ts';

/** One such route. */
export interface JsonRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly about: RouteDescription;
  /** Answers a body, a text that is known to be JSON, with status 200; throws BeepError. */
  answer(body: string, call: Call): Promise<string | AsyncIterable<string>>;
  /** Whatever went wrong, before or in `answer`. */
  refusal(error: unknown): { readonly status: number; readonly body: string };
}

/** As the router takes them. */
export function jsonRoutes(routes: readonly JsonRoute[]): Route[] {
  return routes.map((route) => ({
    method: route.method,
    path: route.path,
    about: route.about,
    async handler({ call, json }) {
      const body = route.method === 'GET' ? '{}' : (await json()).text;
      return jsonAnswer(200, await route.answer(body, call));
    },
    refusal(error) {
      const { status, body } = route.refusal(error);
      return jsonAnswer(status, body, errorHeaders(toBeepError(error)));
    },
  }));
}

function jsonAnswer(status: number, body: RestAnswer['body'], headers: Record<string, string> = {}): RestAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
