/** What `scripts/generate` has made of the proto files: their methods and messages as OpenAPI. */
import { readFile } from 'node:fs/promises';
import type { Schema } from '../../../route-description.ts';

/** A content, of which the one that is JSON can have an example. */
export type JsonContent = Readonly<Record<string, object>>;

/** What can be asked of a method in one way: GET or POST. */
export interface MethodOperation {
  readonly requestBody?: { readonly content: JsonContent };
  readonly parameters?: readonly { readonly content?: JsonContent }[];
}

/** By GET and POST. */
export type MethodOperations = Readonly<Record<string, MethodOperation>>;

/** The contract's half of the description. */
export interface Contract {
  readonly services: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, MethodOperations>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  /** What each reason of an error means. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Reads it: it is large, and few ever ask. */
export async function readContract(): Promise<Contract> {
  return JSON.parse(await readFile(new URL('../../../gen/openapi/contract.json', import.meta.url), 'utf8'));
}
