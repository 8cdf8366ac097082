/** Errors of both kinds, by the table of `errors.ts`. */
import { GrpcCode, type Reason, reasons } from '../../../errors.ts';
import type { Schema } from '../../../route-description.ts';
import type { Contract } from './contract.ts';

const allReasons = Object.keys(reasons) as Reason[];

/** Schemas of errors, by name. */
export function errorSchemas(contract: Contract): Record<string, Schema> {
  return {
    Error: {
      type: 'object',
      properties: {
        error: {
          type: 'object',
          properties: {
            reason: {
              type: 'string',
              enum: allReasons,
              description: `For programs; a reason never changes its name.\n\n${reasonTable(contract)}`,
            },
            message: { type: 'string', description: 'For people: what was wrong, the bound, the next step.' },
            requestId: { type: 'string', description: 'The log has it too.' },
            metadata: {
              type: 'object',
              additionalProperties: { type: 'string' },
              description: 'Facts for programs, such as `field` or `sessionId`.',
            },
            retryAfterSeconds: { type: 'number', minimum: 0, description: 'There where a retry helps.' },
          },
          required: ['reason', 'message', 'requestId'],
        },
        detail: { const: 'Not Found', description: "Where there is nothing: the word of the original's server." },
      },
      required: ['error'],
    },
    ConnectError: {
      type: 'object',
      properties: {
        code: { type: 'string', enum: Object.keys(GrpcCode).map(connectName) },
        message: { type: 'string' },
        details: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              type: { type: 'string', description: 'Such as `google.rpc.ErrorInfo`, which has the reason.' },
              value: { type: 'string', description: 'The message, in base64.' },
              debug: { description: 'The same as JSON.' },
            },
            required: ['type', 'value'],
          },
        },
      },
      required: ['code'],
    },
  };
}

/** Answers that any operation may give. */
export function errorResponses(): Record<string, unknown> {
  return {
    Error: {
      description: 'refused, or failed: `reason` says why',
      content: jsonOf({ $ref: '#/components/schemas/Error' }),
    },
    ConnectError: {
      description: 'refused, or failed: `code` says why, and the reason of `google.rpc.ErrorInfo` more precisely',
      content: jsonOf({ $ref: '#/components/schemas/ConnectError' }),
    },
  };
}

/** Answers for reasons that belong to one operation, by status. */
export function refusalAnswers(
  refusals: readonly Reason[],
  contract: Contract,
  error: Schema = { $ref: '#/components/schemas/Error' },
): Record<string, unknown> {
  const byStatus = Map.groupBy(refusals, (reason) => reasons[reason].httpStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\`: ${contract.reasons[name] ?? ''}`).join('\n\n'),
        content: jsonOf(error),
      },
    ]),
  );
}

/** A content of JSON. */
export function jsonOf(schema: Schema): Record<string, unknown> {
  return { 'application/json': { schema } };
}

function reasonTable(contract: Contract): string {
  const rows = allReasons.map(
    (name) => `| \`${name}\` | ${reasons[name].httpStatus} | ${contract.reasons[name] ?? ''} |`,
  );
  return ['| Reason | Status | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Connect writes codes in small letters, and one of them with one l. */
function connectName(code: string): string {
  return code === 'CANCELLED' ? 'canceled' : code.toLowerCase();
}
