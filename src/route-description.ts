/**
 * What a plain route takes and answers, as JSON Schema. A table of routes with these is all that the OpenAPI description
 * needs, and the fields of a body are those that its route knows.
 */
import type { Reason } from './errors.ts';

/** JSON Schema 2020-12. One that has a `title` becomes a component of this name. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  /**
   * The field of a message in `beep.python.v1` that a value becomes, such as `ExecuteRequest.code`: its comment and its
   * rules hold here too, where nothing else is said.
   */
  readonly 'x-field'?: string;
  /** Every other keyword. */
  readonly [keyword: string]: unknown;
}

/** The schema of an object whose fields are all named. */
export interface ObjectSchema extends Schema {
  readonly properties: Readonly<Record<string, Schema>>;
}

/** A content by its media type. */
export type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

/** One route, but for its method and path. */
export interface RouteDescription {
  /** Names the operation in generated clients. */
  readonly name: string;
  /** The chapter that it stands in. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Names of the path; those that are not here are ids. */
  readonly params?: Readonly<Record<string, Schema>>;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly requiredQuery?: readonly string[];
  readonly headers?: Readonly<Record<string, Schema>>;
  readonly body?: { readonly isOptional?: boolean; readonly content: Content };
  /** By status. */
  readonly answers: Readonly<
    Record<
      number,
      {
        readonly description: string;
        readonly content?: Content;
        readonly headers?: Readonly<Record<string, Schema>>;
      }
    >
  >;
  /** Reasons for which this route in particular is refused; any other may come as well. */
  readonly refusals?: readonly Reason[];
  /** How errors are said here; none: as on other plain routes. */
  readonly error?: Schema;
}
