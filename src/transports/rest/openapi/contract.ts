/** What `scripts/generate` has made of the proto files: their methods and messages as OpenAPI. */
import { readFile } from 'node:fs/promises';
import type { Schema } from '../../../route-description.ts';

/** The contract's half of the description. */
export interface Contract {
  readonly services: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  /** What each reason of an error means. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Reads it: it is large, and few ever ask. */
export async function readContract(): Promise<Contract> {
  return JSON.parse(await readFile(new URL('../../../gen/openapi/contract.json', import.meta.url), 'utf8'));
}
