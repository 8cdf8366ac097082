/** The environment routes that the original's documents promised, and the same as commands of the pipe. */
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import type { RouteDescription, Schema } from '../route-description.ts';
import type { OriginalVenvs } from '../services/original-venvs.ts';
import { failureAnswer } from './failure.ts';
import { type Field, type Members, readFields } from './fields.ts';
import type { JsonRoute } from './http.ts';
import type { OtherCommand } from './pipe.ts';

/** What is done to environments. */
interface VenvRow {
  readonly name: 'create' | 'delete' | 'install' | 'list';
  readonly method: 'GET' | 'POST';
  readonly meaning: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly answer: Readonly<Record<string, Schema>>;
  /** The text of a JSON object. */
  readonly run: (members: Members, venvs: OriginalVenvs, call: Call) => Promise<object>;
}

const text = (isRequired: boolean, meaning: string): Field => ({ kind: 'text', isRequired, meaning });
const success = { success: { type: 'boolean' } };

const createFields = {
  providerName: text(true, 'Such as `my-provider`.'),
  modelId: text(false, 'The model; it counts in the names of ROCm providers.'),
};
const deleteFields = { venvPath: text(true, 'Path of an environment of ours.') };
const installFields = {
  venvName: text(false, 'Name of the environment; or its path.'),
  venvPath: text(false, 'Path of the environment; or its name.'),
  packages: { kind: 'list', isRequired: true, meaning: 'What to install, such as `numpy>=2`.' } as Field,
};

const rows: readonly VenvRow[] = [
  {
    name: 'create',
    method: 'POST',
    meaning: 'The environment of a provider and a model, made if it is not there',
    fields: createFields,
    answer: { path: { type: 'string' }, ...success },
    async run(members, venvs, call) {
      const { providerName = '', modelId = '' } = readFields(members, createFields);
      return { path: await venvs.create(providerName, modelId, call), success: true };
    },
  },
  {
    name: 'delete',
    method: 'POST',
    meaning: 'Delete an environment of ours',
    fields: deleteFields,
    answer: success,
    async run(members, venvs, call) {
      const { venvPath = '' } = readFields(members, deleteFields);
      await venvs.delete(venvPath, call);
      return { success: true };
    },
  },
  {
    name: 'install',
    method: 'POST',
    meaning: 'Install packages into an environment',
    fields: installFields,
    answer: { packages: { type: 'array', items: { type: 'object' } }, ...success },
    async run(members, venvs, call) {
      const { venvName, venvPath, packages = '[]' } = readFields(members, installFields);
      const place = venvName !== undefined ? { name: venvName } : { path: venvPath ?? '' };
      if (venvName === undefined && venvPath === undefined) {
        throw errors.invalidArgument('venvName or venvPath is missing: say which environment', { field: 'venvName' });
      }
      return { success: true, packages: await venvs.install(place, textsOf(packages), call) };
    },
  },
  {
    name: 'list',
    method: 'GET',
    meaning: 'All environments of ours',
    fields: {},
    answer: { venvs: { type: 'array', items: { type: 'object' } } },
    run: async (_members, venvs) => ({ venvs: await venvs.list() }),
  },
];

/** The routes, under `/venv` and `/api/venv`. */
export function createVenvRoutes(venvs: OriginalVenvs): JsonRoute[] {
  return ['/venv', '/api/venv'].flatMap((prefix) =>
    rows.map(
      (row): JsonRoute => ({
        method: row.method,
        path: `${prefix}/${row.name}`,
        about: aboutOf(row, `${prefix}/${row.name}`),
        answer: async (members, call) => JSON.stringify(await row.run(members, venvs, call)),
        refusal: (error) => failureAnswer(error, { success: false }),
      }),
    ),
  );
}

/** The commands `venv_create`, `venv_delete`, `venv_install` and `venv_list`. */
export function createVenvCommands(venvs: OriginalVenvs): Record<string, OtherCommand> {
  return Object.fromEntries(
    rows.map((row): [string, OtherCommand] => [
      `venv_${row.name}`,
      async (payload, call) => {
        const answer = JSON.stringify(await row.run(payload, venvs, call));
        return `{"result":${answer},${answer.slice(1)}`;
      },
    ]),
  );
}

function textsOf(json: string): string[] {
  const given: unknown = JSON.parse(json);
  if (Array.isArray(given) && given.every((item) => typeof item === 'string' && item.isWellFormed())) return given;
  throw errors.invalidArgument('packages must be a list of texts', { field: 'packages' });
}

const kinds: Readonly<Record<Field['kind'], string>> = { text: 'string', list: 'array', object: 'object', value: '' };

function aboutOf(row: VenvRow, path: string): RouteDescription {
  const fields = Object.entries(row.fields);
  const properties = fields.map(([name, { kind, isRequired, meaning }]): [string, Schema] => [
    name,
    {
      type: isRequired ? kinds[kind] : [kinds[kind], 'null'],
      ...(kind === 'list' && { items: { type: 'string' } }),
      description: meaning,
    },
  ]);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: fields.filter(([, { isRequired }]) => isRequired).map(([name]) => name),
  };
  return {
    name: path.replace(/\W(\w)/g, (_, letter) => letter.toUpperCase()).replace(/^\W+/, ''),
    tag: "The original's environments",
    summary: row.meaning,
    ...(row.method === 'POST' && { body: { content: { 'application/json': { schema } } } }),
    answers: {
      200: {
        description: 'done',
        content: { 'application/json': { schema: { type: 'object', properties: row.answer } } },
      },
    },
    error: {
      title: 'OriginalVenvError',
      type: 'object',
      properties: { error: { type: 'string' }, reason: { type: 'string' }, success: { const: false } },
      required: ['error', 'reason', 'success'],
    },
  };
}
