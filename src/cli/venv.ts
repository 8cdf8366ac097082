/** `venv`: environments and what is installed in them. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { hasReason } from '../client/beep-error.ts';
import { messageJson } from '../client/message-json.ts';
import type { Gateway } from '../client/node.ts';
import { answer, resultOfWork } from '../client/updates.ts';
import { venvStateName } from '../client/venv-enums.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addGatewayFlags } from './gateway-flags.ts';
import { oneLine, print, printFacts, printJson, printList, sizeOf, spanOf } from './output.ts';
import { createProgressView } from './progress.ts';
import { defineLooking } from './venv-looking.ts';
import { meantBy } from './venv-words.ts';
import { type CallFlags, withGateway } from './with-gateway.ts';

type Venvs = Gateway['services']['venvs'];
type Updates = ReturnType<Venvs['createVenv']>;
type Venv = Awaited<ReturnType<Venvs['getVenv']>>;

interface ChangeFlags extends CallFlags {
  readonly python?: string;
  readonly package?: readonly string[];
  readonly requirements?: string;
  readonly upgrade?: boolean;
  readonly index?: string;
  readonly offline?: boolean;
  readonly allowBuild?: boolean;
  readonly accelerator?: string;
}

/** Defines it. */
export function define(command: Command): void {
  const sub = (usage: string, description: string) =>
    addGatewayFlags(command.command(usage).description(description)).option('--json', 'as JSON');
  sub('list', 'the environments that there are')
    .alias('ls')
    .action(async (_, self: Command) => await withGateway(self, list));
  for (const [usage, description] of [
    ['status <name>', 'one environment: its state, its size, its generations'],
    ['show <name>', 'the same'],
  ] as const) {
    sub(usage, description).action(async (name: string, _, self: Command) => {
      await withGateway(self, async ({ services }, { json }) =>
        show(await answer(services.venvs.getVenv({ name })), json),
      );
    });
  }
  const change = (usage: string, description: string) =>
    sub(usage, description)
      .option('-r, --requirements <file>', 'the packages that this file of this machine names')
      .option('--index <url>', 'package index in the place of the default one')
      .option('--offline', 'take only what has been downloaded before')
      .option('--allow-build', 'allow packages that must be built, which runs their code');
  const made = (usage: string, description: string) =>
    change(usage, description)
      .option('--python <request>', 'version, runtime or path, such as 3.13')
      .option('-p, --package <requirement>', 'a package to begin with; may be repeated', repeated);
  made(
    'create <name> [model|packages...]',
    'make an environment; with a model: the one of this provider for it',
  ).action(async (name: string, words: readonly string[], _, self: Command) => {
    await changing(self, async (venvs, flags) => {
      const { model, packages } = await meantBy('create', name, words, () => isEnvironment(venvs, name));
      return model === undefined
        ? venvs.createVenv({ name, spec: specOf(flags, packages) })
        : venvs.ensureVenv({ provider: name, model, accelerator: flags.accelerator, spec: specOf(flags) });
    });
  });
  made('ensure <name> [model|packages...]', 'the same, and nothing to do where it is there already')
    .option('--provider', 'the name is a provider, of all its models')
    .option('--accelerator <name>', 'cpu, cuda, rocm or vulkan; left out: what the machine has')
    .action(async (name: string, words: readonly string[], _, self: Command) => {
      await changing(self, async (venvs, flags: ChangeFlags & { provider?: boolean }) => {
        const { accelerator, provider = false } = flags;
        const isTaken = async () => !provider && (await isEnvironment(venvs, name));
        const { model, packages } = await meantBy('ensure', name, words, isTaken);
        const which = provider || model !== undefined ? { provider: name, model, accelerator } : { name };
        return venvs.ensureVenv({ ...which, spec: specOf(flags, packages) });
      });
    });
  change('install <name> [packages...]', 'add packages')
    .option('-U, --upgrade', 'take newer versions of what is there')
    .action(async (name: string, packages: string[], _, self: Command) => {
      await changing(self, ({ installPackages }, flags) =>
        installPackages({
          name,
          packages,
          requirements: requirementsOf(flags),
          upgrade: flags.upgrade === true,
          index: indexOf(flags),
        }),
      );
    });
  change('sync <name>', 'install what the requirements name, and remove everything else').action(
    async (name: string, _, self: Command) => {
      await changing(self, ({ syncVenv }, flags) => {
        if (flags.requirements === undefined) throw new CliFailure('sync needs --requirements <file>', usageExitCode);
        return syncVenv({ name, requirements: requirementsOf(flags), index: indexOf(flags) });
      });
    },
  );
  sub('uninstall <name> <packages...>', 'remove packages').action(
    async (name: string, packages: string[], _, self: Command) => {
      await changing(self, ({ uninstallPackages }) => uninstallPackages({ name, packages }));
    },
  );
  sub('clone <name> <new-name>', 'a copy under another name').action(
    async (name: string, newName: string, _, self: Command) => {
      await changing(self, ({ cloneVenv }) => cloneVenv({ name, newName }));
    },
  );
  sub('rollback <name> [generation]', 'back to an earlier generation; left out: the one before').action(
    async (name: string, generation: string | undefined, _, self: Command) => {
      await withGateway(self, async ({ services }, { json }) => {
        const number = generation === undefined ? 0 : Number(generation);
        if (!Number.isInteger(number) || number < 0)
          throw new CliFailure(`no generation: ${generation}`, usageExitCode);
        show(await answer(services.venvs.rollbackVenv({ name, generation: number })), json);
      });
    },
  );
  sub('delete <name>', 'remove it for good')
    .alias('rm')
    .option('--force', 'also where sessions are in it: they are closed')
    .action(async (name: string, _, self: Command) => {
      await withGateway<CallFlags & { force?: boolean }>(self, async ({ services }, { force, json }) => {
        const { freedBytes } = await answer(services.venvs.deleteVenv({ name, force: force === true }));
        if (json) printJson({ name, freedBytes });
        else print(`deleted: ${name}, ${sizeOf(freedBytes)} freed`);
      });
    });
  defineLooking(command, sub);
}

async function changing<Flags extends ChangeFlags>(
  command: Command,
  begin: (venvs: Venvs, flags: Flags) => Updates | Promise<Updates>,
): Promise<void> {
  await withGateway<Flags>(command, async ({ services }, flags) => {
    using view = createProgressView();
    const result = await resultOfWork(await begin(services.venvs, flags), view.show);
    view[Symbol.dispose]();
    if (flags.json) return printJson(messageJson(result));
    const { venv, changes, unchanged } = result;
    for (const { name, oldVersion, newVersion } of changes) {
      print(
        `  ${[name, oldVersion, '->', newVersion || 'removed']
          .filter(Boolean)
          .join(' ')
          .replace(/^(\S+) -> /, '$1 ')}`,
      );
    }
    const state = unchanged ? 'nothing to do' : `generation ${venv?.generation}`;
    print(`${venv?.name}: ${state}, Python ${venv?.runtime?.version}, ${venv?.packageCount} packages, ${venv?.path}`);
  });
}

/** Whether there is one of this name that is no provider's: a provider's own may stand beside those of its models. */
async function isEnvironment({ getVenv }: Venvs, name: string): Promise<boolean> {
  try {
    return (await answer(getVenv({ name }))).provider === '';
  } catch (error) {
    // A name that no environment can have may be a provider's, whose case and signs are mended.
    if (hasReason(error, 'VENV_NOT_FOUND', 'VENV_NAME_INVALID', 'INVALID_ARGUMENT')) return false;
    throw error;
  }
}

async function list({ services }: Gateway, { json }: CallFlags): Promise<void> {
  const { venvs } = await answer(services.venvs.listVenvs({}));
  printList(
    venvs,
    {
      name: ({ name }) => name,
      python: ({ runtime }) => runtime?.version ?? '-',
      state: ({ state }) => venvStateName(state),
      packages: ({ packageCount }) => packageCount,
      sessions: ({ sessions }) => sessions,
      used: ({ usedAt }) => (usedAt === undefined ? '-' : `${spanOf(Date.now() - Number(usedAt.seconds) * 1000)} ago`),
      path: ({ path }) => path,
    },
    { json, toJson: messageJson, whenEmpty: 'no environments; one is made by: beep-python venv create <name>' },
  );
  if (json) return;
  for (const { name, problem } of venvs) if (problem !== '') print(oneLine(`${name}: ${problem}`));
}

function show(venv: Venv, json: boolean | undefined): void {
  if (json) return void printJson(messageJson(venv));
  printFacts([
    ['name', venv.name],
    ['state', venv.problem === '' ? venvStateName(venv.state) : `${venvStateName(venv.state)}: ${venv.problem}`],
    ['path', venv.path],
    ['python', `${venv.runtime?.version ?? '-'}, ${venv.pythonPath}`],
    ['generation', venv.generation],
    ['packages', venv.packageCount],
    ['size', sizesOf(venv)],
    ['sessions', venv.sessions],
    ['provider', [venv.provider, venv.model].filter(Boolean).join(' ')],
    ['protected', venv.protected ? 'yes' : ''],
    ...venv.history.map(({ number, summary, kept }) => [`#${number}`, `${summary}${kept ? '' : ' (gone)'}`] as const),
  ]);
}

/** Empty where nobody has measured them: no environment is without a file. */
function sizesOf({ exclusiveBytes, sharedBytes }: Venv): string {
  if (exclusiveBytes === 0n && sharedBytes === 0n) return '';
  return `${sizeOf(exclusiveBytes)} of its own, ${sizeOf(sharedBytes)} shared`;
}

function specOf(flags: ChangeFlags, packages: readonly string[] = []) {
  return {
    python: flags.python,
    packages: [...packages, ...(flags.package ?? [])],
    requirements: requirementsOf(flags),
    index: indexOf(flags),
  };
}

function indexOf({ index, offline, allowBuild }: ChangeFlags) {
  return { defaultIndex: index, offline: offline === true, allowBuild: allowBuild === true };
}

function requirementsOf({ requirements }: ChangeFlags): string | undefined {
  if (requirements === undefined) return undefined;
  try {
    return readFileSync(requirements === '-' ? 0 : requirements, 'utf8');
  } catch (cause) {
    throw new CliFailure(`--requirements cannot be read: ${(cause as Error).message}`, usageExitCode);
  }
}

function repeated(item: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), item];
}
