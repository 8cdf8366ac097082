/**
 * Whether an environment's interpreter starts, without starting it more often than there is a reason to: the mark of its
 * file is recorded when a generation is made, and it is started only where that is another one now, or where a session
 * could not be opened with it.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const timeoutMs = 30_000;
/** An interpreter that does not start is asked again after so long: what it lacks may be there now. */
const askedAgainMs = 2000;
const hungAskedAgainMs = 60_000;
const maxRemembered = 5000;

interface Answer {
  readonly mark: string;
  /** Undefined: it starts. */
  readonly why: Promise<string | undefined>;
  readonly isDoubted: boolean;
  validUntil: number;
}

/** By path; those that are as they were when they were recorded are not in here. */
const remembered = new Map<string, Answer>();

/** Another one when the program, or the file that says where its library lies, is another; undefined where it is gone. */
export function interpreterMark(pythonPath: string): string | undefined {
  const program = fileMark(pythonPath);
  return program && `${program} ${fileMark(join(dirname(dirname(pythonPath)), 'pyvenv.cfg')) ?? '-'}`;
}

const withoutConfiguration = ' -';

/** Why a generation of ours cannot be used; undefined as long as nothing speaks against it. */
export async function whyNotUsable(pythonPath: string, recorded: string | undefined): Promise<string | undefined> {
  const why = await whyNotStarting(pythonPath, recorded);
  return why ?? (hasPackagesFolder(pythonPath) ? undefined : 'it has no folder of packages');
}

/** Whether the folder is there in which packages lie. */
export function hasPackagesFolder(pythonPath: string): boolean {
  const lib = join(dirname(dirname(pythonPath)), 'lib');
  try {
    return readdirSync(lib).some((name) => existsSync(join(lib, name, 'site-packages')));
  } catch {
    return false;
  }
}

/** Why it does not start; undefined as long as nothing speaks against it. `recorded` is its mark when it last did. */
export async function whyNotStarting(pythonPath: string, recorded: string | undefined): Promise<string | undefined> {
  const mark = interpreterMark(pythonPath);
  if (mark === undefined) return 'its interpreter is gone';
  const known = remembered.get(pythonPath);
  if (mark.endsWith(withoutConfiguration) && recorded?.endsWith(withoutConfiguration) === false) {
    return 'its pyvenv.cfg is gone'; // it starts, and finds no packages
  }
  if (known === undefined && (recorded === undefined || recorded === mark)) return undefined;
  const isValid = known?.mark === mark && !known.isDoubted && performance.now() < known.validUntil;
  const why = await (isValid ? known.why : startInterpreter(pythonPath));
  return why && `its interpreter does not start: ${why}`;
}

/** Whether something speaks against it, so that a state which was read before may hold no more. */
export function isSuspect(pythonPath: string): boolean {
  const known = remembered.get(pythonPath);
  return known !== undefined && (known.isDoubted || known.validUntil !== Number.POSITIVE_INFINITY);
}

/** A session could not be opened with it: whoever looks next starts it. */
export function doubtInterpreter(pythonPath: string): void {
  const mark = interpreterMark(pythonPath) ?? '';
  remember(pythonPath, { mark, why: Promise.resolve(undefined), isDoubted: true, validUntil: 0 });
}

/** Starts it: why it does not, or does not know its own standard library; undefined if all is well. */
export async function startInterpreter(pythonPath: string, signal?: AbortSignal): Promise<string | undefined> {
  const mark = interpreterMark(pythonPath) ?? '';
  const started = start(pythonPath, signal);
  const why = started.then(({ why }) => why);
  const answer: Answer = { mark, why, isDoubted: false, validUntil: Number.POSITIVE_INFINITY };
  if (signal === undefined) remember(pythonPath, answer); // who asks meanwhile waits for the same
  const { hung } = await started;
  signal?.throwIfAborted();
  if ((await why) !== undefined) answer.validUntil = performance.now() + (hung ? hungAskedAgainMs : askedAgainMs);
  remember(pythonPath, answer);
  return await why;
}

function remember(pythonPath: string, answer: Answer): void {
  remembered.delete(pythonPath);
  if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value as string);
  remembered.set(pythonPath, answer);
}

async function start(pythonPath: string, signal?: AbortSignal): Promise<{ why: string | undefined; hung: boolean }> {
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: 65_536, signal };
  const args = ['-I', '-B', '-c', 'import encodings, os, site; print("starts")'];
  return await new Promise((resolve) => {
    execFile(pythonPath, args, options, (error, stdout) => {
      if (error === null) {
        return resolve({ why: stdout.trim() === 'starts' ? undefined : 'it is no Python', hung: false });
      }
      const {
        code,
        killed,
        signal: name,
      } = error as Error & {
        code?: number | string;
        killed?: boolean;
        signal?: string;
      };
      const hung = killed === true && name === 'SIGKILL';
      resolve({ why: hung ? `it does not start within ${timeoutMs / 1000} s` : ended(code, name), hung });
    });
  });
}

function ended(code: number | string | undefined, signal: string | undefined): string {
  if (signal) return `it ended with ${signal}`;
  return typeof code === 'string' ? `it does not start (${code})` : `it ended with exit code ${code}`;
}

function fileMark(path: string): string | undefined {
  try {
    const { size, mtimeNs, mode } = statSync(path, { bigint: true });
    return `${size}.${mtimeNs}.${mode & 0o111n}`;
  } catch {
    return undefined; // gone, or behind a link that leads nowhere
  }
}
