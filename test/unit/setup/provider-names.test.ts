import { describe, expect, test } from 'vitest';
import { whyNotANewName } from '../../../src/venvs/naming/name.ts';
import { originalBaseName, type RocmStrategy, slug, withAccelerator } from '../../../src/venvs/naming/original-name.ts';
import { providerName } from '../../../src/venvs/naming/provider-name.ts';

describe('names for a provider', () => {
  test('can always be made, whatever the provider and the model are called', () => {
    for (const text of ['llama-cpp', 'A B/C:D', 'モデル', '..', '-', 'x'.repeat(256), '\u0000', 'é', 'con', '🦙']) {
      for (const model of ['', text]) {
        const name = providerName({ provider: text, model, accelerator: 'cpu' });
        expect(whyNotANewName(name), name).toBeUndefined();
      }
    }
  });

  test('are the same for the same, and differ where any part does', () => {
    const parts = ['a', 'b', 'a-b', 'A', 'モ', 'デ'];
    const purposes = parts.flatMap((provider) =>
      ['', ...parts].flatMap((model) => ['cpu', 'cuda'].map((accelerator) => ({ provider, model, accelerator }))),
    );
    expect(new Set(purposes.map(providerName)).size).toBe(purposes.length);
    expect(purposes.map(providerName)).toEqual(purposes.map(providerName));
  });
});

describe("the original's names", () => {
  test.each<[string, string, RocmStrategy | undefined, string]>([
    ['llama-cpp', 'llama-3-8b', undefined, 'llama-cpp'],
    ['llama-cpp', 'another', 'model', 'llama-cpp'],
    ['vllm-rocm', 'meta/Llama 3:8B', undefined, 'vllm-rocm-meta-Llama-3-8B'],
    ['vllm-ROCm', 'x', 'model', 'vllm-ROCm-x'],
    ['vllm-rocm', 'x', 'single', 'rocm'],
    ['vllm-large-rocm', 'x', 'family', 'vllm-rocm'],
    ['Größe-rocm', 'Modell ä/ö', 'model', 'Größe-rocm-Modell-ä-ö'],
  ])('%s with %s (%s) is %s', (provider, model, strategy, name) => {
    expect(originalBaseName(provider, model, strategy)).toBe(name);
  });

  test.each([
    ['llama-cpp', 'cuda', 'llama-cpp-cuda'],
    ['llama-cpp-cpu', 'cuda', 'llama-cpp-cpu'],
    ['vllm-rocm', 'cuda', 'vllm-rocm'],
    ['x-vulkan', 'cpu', 'x-vulkan'],
    ['embeddings', 'cuda', 'embeddings'],
    ['Embeddings', 'cuda', 'Embeddings-cuda'],
  ])('%s on a machine with %s is %s', (name, accelerator, suffixed) => {
    expect(withAccelerator(name, accelerator)).toBe(suffixed);
  });

  test.each([
    ['a/b:c d', 'a-b-c-d'],
    ['v1.5_x-y', 'v1-5_x-y'],
    ['Ünïcode模型', 'Ünïcode模型'],
    ['a+b@c', 'a-b-c'],
  ])('the slug of %j is %j', (model, expected) => {
    expect(slug(model)).toBe(expected);
  });
});
