/** Makes one generation of an environment in its final folder. Until it is published nobody knows of it. */
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../../errors.ts';
import { uvFailure } from '../../uv/failure.ts';
import type { PackageIndex } from '../../uv/package-index.ts';
import { withoutCredentials } from '../../uv/redact.ts';
import { runUv, type UvCall } from '../../uv/run.ts';
import type { RecordedPython } from '../generations/record.ts';
import { installedPins } from '../installed/pins.ts';
import { environmentFolder, generationFolder, type HomeLayout, pythonIn } from '../layout.ts';
import { isEmpty, type Wanted } from '../requirements/wanted.ts';
import type { OnProgress } from './changes.ts';
import { createUvListener } from './uv-progress.ts';

/** What a generation is made from. */
export interface Recipe {
  readonly python: RecordedPython;
  /** Pinned packages that come first, exactly these. */
  readonly pins: readonly string[];
  /** Then these: a lock exactly as it says, others with all that they need. */
  readonly wanted: Wanted;
  /** Take the newest versions that fit, also of the pinned ones. */
  readonly upgrade: boolean;
  /** Of what is wanted. Looked up only when something is: that asks pip, the first time. */
  readonly index: () => Promise<PackageIndex>;
  /** Of the pins. */
  readonly pinIndex: () => Promise<PackageIndex>;
}

/** Where and for whom. */
export interface MakingOptions {
  readonly layout: HomeLayout;
  readonly name: string;
  readonly generation: number;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  /** Of the lock, so that it is held until uv has ended too. */
  readonly lockFd: number;
}

const venvTimeoutMs = 2 * 60_000;
const installTimeoutMs = 60 * 60_000;

/** The pins of what was installed. Throws what uv says as an error of ours; the folder is for the caller to remove then. */
export async function makeGeneration(recipe: Recipe, options: MakingOptions): Promise<string[]> {
  const { layout, name, generation, onProgress, signal, lockFd } = options;
  const { python, pins, wanted, upgrade, index, pinIndex } = recipe;
  const folder = generationFolder(layout, name, generation);
  const interpreter = pythonIn(folder);
  const uv = async (args: readonly string[], call: Pick<UvCall, 'timeoutMs' | 'input' | 'index'>, runtime?: string) => {
    const onLine = createUvListener(onProgress);
    const result = await runUv(layout, args, { ...call, signal, lockFd, onLine });
    signal.throwIfAborted();
    if (result.exitCode === 0) return;
    const what = { python: python.version, index: call.index, venv: name, action: `make ${name}` };
    throw uvFailure(result, runtime === undefined ? what : { ...what, runtime });
  };

  onProgress({
    phase: 'install',
    item: 'python',
    message: `making generation ${generation} with Python ${python.version}`,
  });
  const venv = ['venv', '--no-project', '--prompt', name, '--python', python.path, folder];
  await uv(venv, { timeoutMs: venvTimeoutMs }, python.id ?? python.path);
  if (pins.length > 0) {
    onProgress({ phase: 'install', total: pins.length, unit: 'packages', message: 'installing what was there' });
    const call = { timeoutMs: installTimeoutMs, input: textOf(pins), index: await pinIndex() };
    await uv(['pip', 'sync', '--python', interpreter, '-'], call);
  }
  if (!isEmpty(wanted)) {
    onProgress({ phase: 'resolve', message: `looking for ${shown(wanted)}` });
    await using file = await requirementsFile(environmentFolder(layout, name), wanted);
    const isExact = wanted.pylock !== undefined && pins.length === 0;
    const how = isExact ? ['sync', file.path] : ['install', ...(upgrade ? ['--upgrade'] : []), '-r', file.path];
    const call = {
      timeoutMs: installTimeoutMs,
      index: await index(),
      ...(file.input !== undefined && { input: file.input }),
    };
    await uv(['pip', ...how, '--python', interpreter], call);
  }
  onProgress({ phase: 'verify', message: 'looking at its interpreter' });
  await verify(interpreter, name);
  return await installedPins(folder);
}

/** Whoever installs packages has run the interpreter; what is left to see is that it can be run from here. */
async function verify(interpreter: string, name: string): Promise<void> {
  await access(interpreter, constants.X_OK).catch((error) => {
    throw errors.runtimeBroken(name, 'its interpreter cannot be run', error);
  });
}

/** Requirements go by standard input; a pylock.toml is known by its file's name. */
async function requirementsFile(folder: string, wanted: Wanted) {
  if (wanted.pylock === undefined) {
    return { path: '-', input: textOf(wanted.lines), async [Symbol.asyncDispose]() {} };
  }
  const scratch = await mkdtemp(join(folder, '.scratch-'));
  const path = join(scratch, 'pylock.toml');
  await writeFile(path, wanted.pylock, { mode: 0o600 });
  return { path, input: undefined, [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }) };
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** What is looked for: also what nobody asks for now, but did before. */
function shown({ lines, pylock, requested }: Wanted): string {
  const all =
    pylock === undefined ? lines.map((line) => withoutCredentials(line.replace(/ --hash=.*/, ''))) : requested;
  const more = all.length > 3 ? ` and ${all.length - 3} more` : '';
  return all.length === 0 ? 'what the lock says' : `${all.slice(0, 3).join(', ')}${more}`;
}
