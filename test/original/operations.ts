/** The operations as the original's callers know them, over any of its formats. */
import { expect } from 'vitest';
import type { Answer, Facade, Fields } from './facades.ts';

/** A handle as .NET clients write one among arguments. */
export function handleJson({ handleId, typeName }: { handleId: string; typeName: string }): string {
  return JSON.stringify({ handleId, typeName, isValid: true });
}

const text = (value: string) => JSON.stringify(value);

/** Calls by name. `args` and the like are JSON texts. */
export function client(facade: Facade) {
  const handleOf = (answer: Answer) => {
    expect(answer.error).toBe(undefined);
    return answer.handle as NonNullable<Answer['handle']>;
  };
  const ask = (operation: string, fields: Fields, signal?: AbortSignal) => facade.ask(operation, fields, signal);
  const evaluate = (expression: string, more: Fields = {}, signal?: AbortSignal) =>
    ask('eval', { expression: text(expression), ...more }, signal);
  return {
    facade,
    ask,
    evaluate,
    import: async (name: string) => handleOf(await ask('import', { moduleName: text(name) })).handleId,
    create: async (moduleHandleId: string, className: string, more: Fields = {}) =>
      handleOf(await ask('create', { moduleHandleId: text(moduleHandleId), className: text(className), ...more })),
    wrap: async (value: string) => handleOf(await ask('wrap', { value })),
    /** An object of any kind: by a call that gives it, since wrapping knows JSON alone. */
    async held(expression: string) {
      const module = handleOf(await ask('import', { moduleName: text('builtins') })).handleId;
      const maker = handleOf(await evaluate(`type('Maker', (), {'make': lambda self: ${expression}})()`));
      await ask('dispose', { handleId: text(module) });
      return handleOf(await ask('call', { handleId: text(maker.handleId), methodName: text('make') }));
    },
    call: (handleId: string, methodName: string, more: Fields = {}) =>
      ask('call', { handleId: text(handleId), methodName: text(methodName), ...more }),
    getattr: (handleId: string, attributeName: string, more: Fields = {}) =>
      ask('getattr', { handleId: text(handleId), attributeName: text(attributeName), ...more }),
    setattr: (handleId: string, attributeName: string, more: Fields = {}) =>
      ask('setattr', { handleId: text(handleId), attributeName: text(attributeName), ...more }),
    dispose: (handleId: string) => ask('dispose', { handleId: text(handleId) }),
    floats: (handleId: string) => ask('tofloatarray', { handleId: text(handleId) }),
    floats2d: (handleId: string) => ask('tofloatarray2d', { handleId: text(handleId) }),
    available: async (name: string) => (await ask('module_available', { moduleName: text(name) })).available,
  };
}

/** What `client` makes. */
export type Client = ReturnType<typeof client>;
