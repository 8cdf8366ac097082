/** The plain routes by `fetch`, with events as NDJSON or as server-sent events. */
import { expect } from 'vitest';
import {
  CallFailed,
  type CallOptions,
  type Client,
  type Ending,
  type Event,
  type Result,
  type SessionQuery,
} from './client.ts';
import { memberText } from './member-text.ts';
import { splitEvents, splitLines } from './split.ts';

/** The two forms of a stream. */
export type StreamForm = 'ndjson' | 'sse';

const accepted: Record<StreamForm, string> = { ndjson: 'application/x-ndjson', sse: 'text/event-stream' };

// biome-ignore lint/suspicious/noExplicitAny: what a wire says is checked by the scenarios, not by its type
type Json = any;

/** A client of one HTTP port. */
export function createPlainClient(url: string, token: string, form: StreamForm): Client {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions & { accept?: string; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
        ...(options.accept !== undefined && { accept: options.accept }),
      },
      body: body === undefined ? null : isStream(body) ? (body as never) : JSON.stringify(body),
      signal: options.signal ?? null,
      duplex: 'half',
    } as RequestInit).catch((cause) => {
      throw new CallFailed('the call broke', { cause });
    });
    if (!response.ok) throw failureOf(response.status, await response.text());
    return response;
  };
  const json = async (...args: Parameters<typeof call>) => {
    const text = await (await call(...args)).text();
    return { text, value: JSON.parse(text) as Json };
  };
  async function* stream(...args: Parameters<typeof call>): AsyncGenerator<Event> {
    const [method, path, body, options] = args;
    const response = await call(method, path, body, { ...options, accept: accepted[form] });
    if (response.status === 204) return;
    if (!response.headers.get('content-type')?.startsWith(accepted[form]))
      throw new Error('another form was asked for');
    const chunks = response.body as AsyncIterable<Uint8Array>;
    for await (const text of form === 'sse' ? splitEvents(chunks) : splitLines(chunks)) yield eventOf(text);
  }
  const body = ({ fresh, timeoutSeconds, ...rest }: Parameters<Client['run']>[0]) => ({
    ...rest,
    ...(fresh && { venv: 'default' }),
    ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds }),
  });

  const sessionsPage = async ({ venv, labels = {}, includeClosed, pageSize, pageToken }: SessionQuery) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(labels)) query.append('label', `${name}=${value}`);
    for (const [name, value] of Object.entries({ venv, includeClosed, pageSize, pageToken })) {
      if (value !== undefined) query.set(name, String(value));
    }
    const { value } = await json('GET', `/sessions?${query}`);
    return { sessions: (value.sessions as Json[]).map(sessionOf), nextPageToken: value.nextPageToken as string };
  };

  return {
    async run({ detach: _, ...request }, options) {
      const { text, value } = await json('POST', '/execute', body(request), options);
      return resultOf(text, value);
    },
    async *execute(request, options) {
      if (!request.detach) return yield* stream('POST', '/execute', body(request), options);
      const { value } = await json('POST', '/execute', body(request), options);
      yield* stream('GET', `/executions/${value.executionId}/events`, undefined, options);
    },
    watch: (executionId, fromSeq, options) =>
      stream('GET', `/executions/${executionId}/events?from=${fromSeq}`, undefined, options),
    async get(executionId, waitSeconds) {
      const query = waitSeconds === undefined ? '' : `?wait=${waitSeconds}`;
      const { text, value } = await json('GET', `/executions/${executionId}${query}`);
      const { state, sessionId, nextSeq } = value;
      return {
        state,
        executionId: value.executionId,
        sessionId,
        nextSeq,
        result: state === 'FINISHED' ? resultOf(text, value) : undefined,
      };
    },
    async readOutput(executionId, query) {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) search.set(name, String(value));
      const response = await call('GET', `/executions/${executionId}/output?${search}`);
      const offset = response.headers.get('x-beep-offset');
      const data = Buffer.from(await response.arrayBuffer());
      return { offset: offset === null ? undefined : Number(offset), data };
    },
    async interrupt(target, { graceSeconds, kill } = {}) {
      const path = 'sessionId' in target ? `/sessions/${target.sessionId}` : `/executions/${target.executionId}`;
      return (await json('POST', `${path}/interrupt`, { grace: graceSeconds, kill })).value as never;
    },
    sendInput: async (executionId, input) => {
      expect((await json('POST', `/executions/${executionId}/input`, input)).value).toEqual({});
    },
    createSession: async ({ idleTimeoutSeconds: idleTimeout, ...spec } = {}, key = undefined) =>
      sessionOf((await json('POST', '/sessions', { ...spec, idleTimeout, key })).value),
    getSession: async (sessionId) => sessionOf((await json('GET', `/sessions/${sessionId}`)).value),
    listSessions: async (query = {}) => (await sessionsPage(query)).sessions,
    sessionsPage,
    restartSession: async (sessionId) => sessionOf((await json('POST', `/sessions/${sessionId}/restart`)).value),
    // The plain routes have neither of these two: curl uses Connect's.
    async renewSession(sessionId, seconds) {
      const idleTimeout = seconds === undefined ? undefined : `${seconds}s`;
      await json('POST', '/beep.python.v1.ExecuteService/RenewSession', { sessionId, idleTimeout });
      return sessionOf((await json('GET', `/sessions/${sessionId}`)).value);
    },
    async executionsPage({ states, ...query } = {}) {
      const body = { ...query, states: states?.map((name) => `EXECUTION_STATE_${name}`) };
      const { value } = await json('POST', '/beep.python.v1.ExecuteService/ListExecutions', body);
      const executions = ((value.executions ?? []) as Json[]).map((info) => ({
        state: info.state.replace('EXECUTION_STATE_', ''),
        executionId: info.executionId,
        sessionId: info.sessionId,
        nextSeq: Number(info.nextSeq),
        result: info.result,
      }));
      return { executions, nextPageToken: value.nextPageToken ?? '' };
    },
    closeSession: async (sessionId) => sessionOf((await json('DELETE', `/sessions/${sessionId}`)).value),
    // There is no plain route for it: curl uses Connect's, whose calls without side effects are a GET.
    async host() {
      const ask = (method: string) => json('GET', `/beep.python.v1.HostService/${method}?encoding=json&message=%7B%7D`);
      const [host, stats] = [await ask('GetHost'), await ask('GetStats')];
      const { version, principal, defaultVenv } = host.value;
      return { version, principal, defaultVenv, sessionsOpen: stats.value.sessionsOpen ?? 0 };
    },
    // There is no plain route for it: curl uses Connect's.
    async hold(sessionId, expression) {
      const operations = [{ evaluate: { expression }, result: { form: 'RESULT_FORM_HANDLE' } }];
      const { value } = await json('POST', '/beep.python.v1.ObjectService/Apply', { sessionId, operations });
      return value.results[0].handle.id;
    },
    async readObject({ sessionId, handleId, form, offset = 0, length = 0 }, options = {}) {
      const range = offset < 0 ? `${offset}` : `${offset}-${length > 0 ? offset + length - 1 : ''}`;
      const isRange = form !== 'items' && (offset !== 0 || length > 0);
      const query = new URLSearchParams({ ...(form && { form }) });
      if (form === 'items') {
        query.set('offset', String(offset));
        query.set('length', String(length));
      }
      const response = await call('GET', `/sessions/${sessionId}/objects/${handleId}?${query}`, undefined, {
        ...options,
        ...(isRange && { headers: { range: `bytes=${range}` } }),
      });
      expect(response.status).toBe(isRange ? 206 : 200);
      const shape = response.headers.get('x-beep-shape');
      return {
        dtype: response.headers.get('x-beep-dtype') ?? undefined,
        shape: shape === null ? undefined : shape.split(',').filter(Boolean).map(Number),
        offset: Number(response.headers.get('x-beep-offset')),
        chunks: broken(response.body as AsyncIterable<Uint8Array>),
      };
    },
    async writeObject({ sessionId, dtype, shape, totalBytes, assignTo, writeId, offset = 0 }, data, options = {}) {
      const query = new URLSearchParams({ ...(assignTo && { assignTo }), ...(writeId && { writeId }) });
      const range = totalBytes !== undefined && { 'content-range': `bytes ${offset}-${totalBytes - 1}/${totalBytes}` };
      const response = await call('PUT', `/sessions/${sessionId}/objects?${query}`, data, {
        ...options,
        headers: {
          'content-type': 'application/octet-stream',
          ...(dtype && { 'x-beep-dtype': dtype }),
          ...(shape && { 'x-beep-shape': shape.join(',') }),
          ...(writeId && range),
        },
      });
      const { $ref, typeName, receivedBytes } = (await response.json()) as Json;
      return { handleId: $ref ?? undefined, typeName: typeName || undefined, receivedBytes };
    },
    close() {},
  };
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function* broken(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new CallFailed('the answer broke off', { cause });
  }
}

function resultOf(text: string, value: Json): Result {
  const { stdout, stderr, truncatedBytes, error, sessionId, executionId, lastSeq, resultText } = value;
  return {
    ...endingOf(value),
    value: rawValue(text),
    text: resultText,
    stdout,
    stderr,
    truncatedBytes,
    error,
    sessionId,
    executionId,
    lastSeq,
  };
}

function endingOf(value: Json): Ending {
  const { outcome, statePreserved, generation, exitCode, signal, stoppedBy, message } = value;
  const { stdoutBytes, stderrBytes, wallSeconds } = value.usage as Ending;
  return {
    outcome,
    statePreserved,
    generation,
    exitCode,
    signal,
    stoppedBy,
    message,
    stdoutBytes,
    stderrBytes,
    wallSeconds,
  };
}

function sessionOf(session: Json): ReturnType<Client['getSession']> extends Promise<infer S> ? S : never {
  const { generation, state, origin, venv, pid, closeReason, isolationDetails } = session;
  return {
    id: session.sessionId,
    generation,
    state,
    origin,
    venv,
    pid,
    closeReason,
    isolationDetails,
    expiresAt: Date.parse(session.expiresAt),
  };
}

function eventOf(text: string): Event {
  const event = JSON.parse(text) as Json;
  if (event.error !== undefined && event.type === undefined) throw failureOf(undefined, text);
  const { executionId, seq, type } = event;
  const common = { executionId, seq } as { executionId: string; seq: number };
  switch (type as string) {
    case 'stdout':
    case 'stderr': {
      const { text: said, base64, offset } = event;
      const data = base64 === undefined ? Buffer.from(said, 'utf8') : Buffer.from(base64, 'base64');
      return { ...common, type: type as 'stdout', data, offset };
    }
    case 'result':
      return { ...common, type: 'result', value: rawValue(text), text: event.resultText };
    case 'finished':
      return { ...common, type: 'finished', ...endingOf(event) };
    default:
      return event;
  }
}

/** The raw text: parsed, `2.0` would be `2`. Null stands for None and for no value. */
function rawValue(text: string): { text: string; kind: undefined } | undefined {
  const result = memberText(text, 'result');
  return result === undefined || result === 'null' ? undefined : { text: result, kind: undefined };
}

function failureOf(httpStatus: number | undefined, text: string): CallFailed {
  const { reason, message, requestId } = (JSON.parse(text) as { error: Json }).error;
  return new CallFailed(message, { reason, requestId, httpStatus });
}
