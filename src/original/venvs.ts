/** The environment routes that the original's documents promised, and the same as commands of the pipe. */
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import type { Schema } from '../route-description.ts';
import type { OriginalVenvs } from '../services/original-venvs.ts';
import { describeRow } from './description.ts';
import { failureAnswer, failureSchema } from './failure.ts';
import { membersOf, optional, type Read, readFields, required } from './fields.ts';
import type { JsonRoute } from './http.ts';
import { type OtherCommand, twice } from './pipe.ts';
import type { Row } from './row.ts';

/** What is done to environments. */
interface VenvRow extends Row {
  readonly method: 'GET' | 'POST';
  readonly run: (fields: Read, venvs: OriginalVenvs, call: Call) => Promise<object>;
}

const text: Schema = { type: 'string' };
const success: Schema = { type: 'boolean' };

function listOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'array', items: { type: 'object', properties, required: Object.keys(properties) } };
}

const rows: readonly VenvRow[] = [
  {
    command: 'create',
    method: 'POST',
    meaning: 'The environment of a provider and a model, made if it is not there',
    fields: {
      providerName: required('text', 'Such as `my-provider`.'),
      modelId: optional('text', 'The model; it counts in the names of ROCm providers.'),
    },
    answer: { path: text, success },
    async run({ providerName = '', modelId = '' }, venvs, call) {
      return { path: await venvs.create(providerName, modelId, call), success: true };
    },
  },
  {
    command: 'delete',
    method: 'POST',
    meaning: 'Delete an environment of ours',
    fields: { venvPath: required('text', 'Path of an environment of ours.') },
    answer: { success },
    async run({ venvPath = '' }, venvs, call) {
      await venvs.delete(venvPath, call);
      return { success: true };
    },
  },
  {
    command: 'install',
    method: 'POST',
    meaning: 'Install packages into an environment',
    fields: {
      venvName: optional('text', 'Name of the environment; or its path.'),
      venvPath: optional('text', 'Path of the environment; or its name.'),
      packages: required('texts', 'What to install, such as `numpy>=2`.'),
    },
    answer: { success, packages: listOf({ name: text, version: text }) },
    async run({ venvName, venvPath, packages = '[]' }, venvs, call) {
      if (venvName === undefined && venvPath === undefined) {
        throw errors.invalidArgument('venvName or venvPath is missing: say which environment', { field: 'venvName' });
      }
      const place = venvName !== undefined ? { name: venvName } : { path: venvPath ?? '' };
      return { success: true, packages: await venvs.install(place, JSON.parse(packages), call) };
    },
  },
  {
    command: 'list',
    method: 'GET',
    meaning: 'All environments of ours',
    fields: {},
    answer: { venvs: listOf({ name: text, path: text, pythonVersion: text, status: text }) },
    run: async (_fields, venvs) => ({ venvs: await venvs.list() }),
  },
];

const refusal = (error: unknown) => failureAnswer(error, { success: false });

const error: Schema = {
  ...failureSchema,
  title: 'OriginalVenvError',
  properties: { ...failureSchema.properties, success: { const: false } },
  required: ['error', 'reason', 'success'],
};

/** The routes, under `/venv` and `/api/venv`. */
export function createVenvRoutes(venvs: OriginalVenvs): JsonRoute[] {
  return ['/venv', '/api/venv'].flatMap((prefix) =>
    rows.map((row): JsonRoute => {
      const { method, fields } = row;
      const path = `${prefix}/${row.command}`;
      const tag = "The original's environments";
      return {
        method,
        path,
        about: describeRow(row, { path, tag, error, hasBody: method === 'POST', hasSession: false }),
        answer: async (body, call) => JSON.stringify(await row.run(readFields(membersOf(body), fields), venvs, call)),
        refusal,
      };
    }),
  );
}

/** The commands `venv_create`, `venv_delete`, `venv_install` and `venv_list`. */
export function createVenvCommands(venvs: OriginalVenvs): Record<string, OtherCommand> {
  return Object.fromEntries(
    rows.map((row): [string, OtherCommand] => [
      `venv_${row.command}`,
      {
        answer: async (payload, call) =>
          twice(JSON.stringify(await row.run(readFields(payload, row.fields), venvs, call))),
        refusal,
      },
    ]),
  );
}
