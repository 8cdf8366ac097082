/** Names of environments as the original makes them from provider and model, for its own routes. */

/** How many environments the models of one ROCm provider share. */
export type RocmStrategy = 'single' | 'family' | 'model';

const acceleratorSuffix = /-(rocm|cuda|vulkan|cpu)$/;

/** The original's name, without the suffix of the accelerator. */
export function originalBaseName(provider: string, model: string, strategy: RocmStrategy = 'model'): string {
  // The model counts only for ROCm: two models of any other provider share an environment.
  if (!/-rocm/i.test(provider)) return provider;
  if (strategy === 'single') return 'rocm';
  if (strategy === 'family') return `${provider.split('-')[0]}-rocm`;
  return `${provider}-${slug(model)}`;
}

/** The name that `ensure` takes: with the accelerator of the machine, unless it says one or is that of the embeddings. */
export function withAccelerator(name: string, accelerator: string): string {
  return name === 'embeddings' || acceleratorSuffix.test(name) ? name : `${name}-${accelerator}`;
}

/** Case and letters of any script stay; what is neither letter, digit, `-` nor `_` becomes `-`. */
export function slug(model: string): string {
  return model.normalize('NFC').replace(/[^\p{L}\p{Nd}_-]/gu, '-');
}
