/** A plain route as an operation of OpenAPI. */
import type { Content, RouteDescription, Schema } from '../../../route-description.ts';
import type { Route } from '../route.ts';
import type { Contract } from './contract.ts';
import { jsonOf, refusalAnswers } from './refusals.ts';

/** What stands under the route's path and method. Names of the path that nobody describes are ids. */
export function operationOf(route: Route, about: RouteDescription, contract: Contract): Record<string, unknown> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const parameters = [
    ...names.map((name) => parameter('path', name, about.params?.[name] ?? idSchema, true)),
    ...Object.entries(about.query ?? {}).map(([name, schema]) =>
      parameter('query', name, schema, about.requiredQuery?.includes(name) ?? false),
    ),
    ...Object.entries(about.headers ?? {}).map(([name, schema]) => parameter('header', name, schema, false)),
  ];
  const answers = Object.entries(about.answers).map(([status, { description, content, headers }]) => [
    status,
    {
      description,
      ...(content !== undefined && { content: contentOf(content) }),
      ...(headers !== undefined && { headers: mapped(headers, (schema) => ({ schema })) }),
    },
  ]);
  return {
    tags: [about.tag],
    operationId: about.name,
    summary: about.summary,
    ...(about.description !== undefined && { description: about.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(about.body !== undefined && {
      requestBody: { required: about.body.isOptional !== true, content: contentOf(about.body.content) },
    }),
    responses: {
      ...Object.fromEntries(answers),
      ...refusalAnswers(about.refusals ?? [], contract, about.error),
      default:
        about.error === undefined
          ? { $ref: '#/components/responses/Error' }
          : { description: 'refused, or failed', content: jsonOf(about.error) },
    },
    ...(route.open === true && { security: openSecurity }),
  };
}

/** On loopback no token is needed; beyond it everything needs one. */
export const openSecurity = [{}, { token: [] }];

const idSchema: Schema = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' };

function parameter(place: string, name: string, schema: Schema, isRequired: boolean): Record<string, unknown> {
  const { description, ...rest } = schema;
  return {
    name,
    in: place,
    ...(isRequired && { required: true }),
    ...(description !== undefined && { description }),
    schema: rest,
  };
}

function contentOf(content: Content): Record<string, unknown> {
  return mapped(content, ({ schema, example }) => ({ schema, ...(example !== undefined && { example }) }));
}

function mapped<T, U>(object: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
