/** `execute` on the pipe: the plain route as it stands, in the connection's own session unless it names another. */
import type { Call } from '../../call.ts';
import type { Route } from '../rest/route.ts';

/** Makes the command from the table of plain routes. */
export function executeCommand(routes: readonly Route[]) {
  const route = routes.find(({ method, path }) => method === 'POST' && path === '/execute');
  if (route === undefined) throw new Error('there is no route POST /execute');
  return async (payload: ReadonlyMap<string, string>, call: Call, session: () => Promise<string>): Promise<string> => {
    const members = new Map(payload);
    if (!members.has('sessionId') && !members.has('venv')) members.set('sessionId', JSON.stringify(await session()));
    const text = `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
    const { body } = await route.handler({
      call,
      params: {},
      query: new URLSearchParams(),
      headers: call.headers,
      json: async () => ({ value: JSON.parse(text), text }),
      bytes: () => (async function* () {})(),
    });
    if (typeof body !== 'string') throw new Error('without Accept it answers in one piece');
    return `{"result":${body.trimEnd()}}`;
  };
}
