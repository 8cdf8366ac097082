/** What is meant by the words after the name in `venv create`. */
import { expect, test, vi } from 'vitest';
import { meantBy } from '../../src/cli/venv-words.ts';

test.each<[readonly string[], string | undefined, boolean]>([
  [[], undefined, false],
  [['gpt2'], 'gpt2', true],
  [['meta-llama/Llama-2-7b'], 'meta-llama/Llama-2-7b', false],
  [['llama3:8b'], 'llama3:8b', false],
  [['flask>=3'], undefined, false],
  [['flask==3.0'], undefined, false],
  [['httpx[http2]'], undefined, false],
  [['flask', 'numpy'], undefined, false],
])('%j: model %s', async (words, model, isToldOf) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(await meantBy('ensure', 'web', words, async () => false)).toEqual({
    model,
    packages: model === undefined ? words : [],
  });
  expect(said).toHaveBeenCalledTimes(isToldOf ? 1 : 0);
  if (isToldOf) expect(said.mock.calls.flat()).toEqual([expect.stringContaining('venv ensure web -p gpt2')]);
  said.mockRestore();
});

test.each([
  ['gpt2', undefined],
  ['llama3:8b', 'llama3:8b'],
])('after the name of an environment that is there, %s is model %s', async (word, model) => {
  const packages = model === undefined ? [word] : [];
  expect(await meantBy('create', 'web', [word], async () => true)).toEqual({ model, packages });
});
