/** The name of an environment that is ensured for a provider and a model: all three parts count, so no two share one by accident. */
import { createHash } from 'node:crypto';

/** What an environment is for. */
export interface Purpose {
  readonly provider: string;
  /** Empty: one environment for all models of the provider. */
  readonly model: string;
  /** `cpu`, `cuda`, `rocm` or `vulkan`. */
  readonly accelerator: string;
}

const maxWords = 42;

/** Words that say what it is, and a digest that tells it from others with the same words: at most 64 characters. */
export function providerName({ provider, model, accelerator }: Purpose): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([provider, model, accelerator]))
    .digest('hex')
    .slice(0, 10);
  const words = [provider, model].map(wordsOf).filter(Boolean).join('-').slice(0, maxWords);
  return [words, accelerator, digest]
    .map((part) => part.replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('-');
}

function wordsOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
