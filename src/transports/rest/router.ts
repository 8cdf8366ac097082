/** Finds the plain route of a request and writes what its handler answers. */
import { errors, toBeepError } from '../../errors.ts';
import type { Dispatcher } from '../dispatch.ts';
import { bindToCaller, type HttpCallHandler } from '../http/caller.ts';
import { type BodyLimits, endAnswer, type HttpRequest, type HttpResponse, isGone, write } from '../http/message.ts';
import { IncomingCall, unknownProcedure } from '../incoming-call.ts';
import { errorAnswer } from './error-json.ts';
import { restRequest } from './request.ts';
import type { RestAnswer, Route } from './route.ts';
import { matchTemplate, moreLiteralFirst, parseTemplate } from './template.ts';

/** The name of a route in logs, metrics and the list of what is open. */
export function procedureOf(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** Makes the handler of all plain routes. */
export function createRestHandler(
  dispatcher: Dispatcher,
  routes: readonly Route[],
  limits: BodyLimits,
): HttpCallHandler {
  const table = routes
    .map((route) => ({ route, template: parseTemplate(route.path) }))
    .sort((a, b) => moreLiteralFirst(a.template, b.template));

  interface Found {
    readonly route?: Route;
    /** One at the same path; or else below the same beginning, which says errors as that does. */
    readonly beside?: Route;
    readonly params: Record<string, string>;
    readonly allowed: string[];
  }

  function find(method: string, path: string): Found {
    const segments = path.split('/').slice(1);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed: string[] = [];
    let beside: Route | undefined;
    for (const { route, template } of table) {
      const params = matchTemplate(template, segments);
      if (params === undefined) continue;
      if (route.method === wanted) return { route, params, allowed };
      if (!allowed.includes(route.method)) allowed.push(route.method);
      beside ??= route;
    }
    beside ??= table.find(({ template }) => template.segments[0] === segments[0])?.route;
    return { beside, params: {}, allowed };
  }

  return (request, response, path, query, { headers, peer }) => {
    const method = request.method ?? 'GET';
    let found: Found = { params: {}, allowed: [] };
    let refusal: unknown;
    try {
      found = find(method, path);
    } catch (error) {
      refusal = error;
    }
    const { route, beside, params, allowed } = found;
    const call = new IncomingCall({
      procedure: route ? procedureOf(route) : unknownProcedure,
      protocol: 'http',
      headers,
      peer,
    });
    bindToCaller(call, response);
    const running = dispatcher.runPlain(call, async () => {
      if (refusal !== undefined) throw refusal;
      if (route === undefined)
        throw allowed.length > 0 ? errors.methodNotAllowed(method, allowed) : errors.routeNotFound(path);
      const answer = await route.handler(restRequest(request, call, params, query, limits));
      await writeAnswer(request, response, call, method === 'HEAD' ? await withoutBody(answer) : answer);
    });
    running.catch((error) => {
      const refusalOf = (route ?? beside)?.refusal ?? errorAnswer;
      if (!response.headersSent) void writeAnswer(request, response, call, refusalOf(error, call.requestId));
      else if (!isGone(response)) response.destroy();
    });
  };
}

/** Writes an answer to its end. A stream that breaks says why as its last words, and the call counts as failed. */
async function writeAnswer(
  request: HttpRequest,
  response: HttpResponse,
  call: IncomingCall,
  answer: RestAnswer,
): Promise<void> {
  if (isGone(response)) return;
  const { body } = answer;
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (isWhole) {
    const bytes = body === undefined ? 0 : Buffer.byteLength(body);
    if (body !== undefined && !response.hasHeader('content-length')) response.setHeader('content-length', bytes);
    call.traffic.sent += bytes;
    return endAnswer(request, response, body);
  }
  // biome-ignore lint/suspicious/noExplicitAny: both classes have it; the types of one forget it
  (response as any).flushHeaders();
  let broken: unknown;
  try {
    for await (const piece of body) {
      const isLent = typeof piece === 'object' && 'release' in piece;
      const data = isLent ? piece.bytes : piece;
      call.traffic.sent += data.length;
      const room = write(response, data, isLent ? piece.release : undefined);
      if (room !== undefined) await room;
    }
  } catch (error) {
    broken = error;
  }
  if (broken === undefined) return endAnswer(request, response);
  if (answer.lastWords !== undefined) endAnswer(request, response, answer.lastWords(broken, call.requestId));
  else response.destroy();
  throw toBeepError(broken);
}

async function withoutBody(answer: RestAnswer): Promise<RestAnswer> {
  const { body } = answer;
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  if (!isWhole) await body[Symbol.asyncIterator]().return?.();
  const headers: Record<string, string> = { ...answer.headers };
  if (isWhole && body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return { ...answer, headers, body: undefined };
}
