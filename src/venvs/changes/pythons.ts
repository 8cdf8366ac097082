/** Interpreters as environments are made from them. */
import { isAbsolute } from 'node:path';
import type { FoundRuntime } from '../../runtimes/find.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import { parseVersionRequest, whyNotAsked } from '../../runtimes/version-request.ts';
import type { RecordedPython } from '../generations/record.ts';
import type { Pythons } from './decisions.ts';

/** Over the runtimes of this machine. */
export function createPythons({ find: findRuntime, look }: Pick<Runtimes, 'find' | 'look'>): Pythons {
  return {
    async again({ version, path }) {
      const found = await look(path, true);
      return found?.version === version && found.whyNot === undefined ? recordedPython(found) : undefined;
    },
    find: async (request) => recordedPython(await findRuntime(request)),
    async isAsked(request, python) {
      if (request === '' || request === python.id || request === python.path) return true;
      if (isAbsolute(request)) return (await findRuntime(request)).path === python.path;
      const { version, implementation = 'cpython', id = '' } = python;
      const platform = /-((?:linux|macos|windows)-[0-9a-z_]+-[0-9a-z]+)/.exec(id)?.[1] ?? '';
      const facts = { version, implementation, isFreeThreaded: id.includes('+freethreaded'), platform };
      if (!/-[0-9a-f]{8}$/.test(request)) return whyNotAsked(parseVersionRequest(request), facts) === undefined;
      return (await findRuntime(request)).path === python.path;
    },
  };
}

/** What a record keeps of a runtime. */
export function recordedPython({ id, implementation, version, path, source }: FoundRuntime): RecordedPython {
  return { id, implementation, version, path, source };
}
