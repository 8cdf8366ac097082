import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { SetupProblem } from './problem.js';
import { lastLines, run } from './run.js';
import { venvStampPath } from './venv-stamp.js';

/**
 * Builds the environment in a folder of its own and publishes it by moving the link, so that what is behind the link is
 * always whole: a killed set-up leaves a folder that nothing points at, and a gateway that runs on the old one keeps it.
 */
export async function buildVenv(plan, python, lock, command) {
  const store = `${plan.link}-versions`;
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const before = linkTarget(plan.link);
  sweep(store, [before]);
  const venv = join(store, `${plan.digest.slice(0, 8)}-${randomBytes(2).toString('hex')}`);
  const env = pipEnvironment();
  const must = async (what, program, args) => {
    const { code, output } = await run(program, args, { cwd: store, env, fd: lock.fd });
    if (code === 0) return;
    const hint = isUnreached(output) ? withoutNetwork(plan, python, command) : '';
    throw new SetupProblem(`${what} failed (exit code ${code}):\n${lastLines(output)}${hint}`);
  };
  await must(`making a virtual environment with ${python.path}`, python.path, ['-m', 'venv', venv]);
  const own = join(venv, 'bin', 'python');
  await must(`installing ${plan.requirements}`, own, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--requirement',
    plan.requirements,
  ]);
  await must('checking what pip installed', own, ['-m', 'pip', 'check']);
  const stamp = { digest: plan.digest, python: python.version, basePython: python.path, requestedPython: plan.python };
  writeFileSync(venvStampPath(venv), `${JSON.stringify(stamp)}\n`);
  publish(plan.link, venv, store);
  sweep(store, [basename(venv), before]);
}

/** pip says of an index that it cannot reach, after many words, that there is no such package. */
function isUnreached(output) {
  return /from versions: none|NewConnectionError|Failed to establish|Connection ?Error|ConnectTimeout|ProxyError|Name or service not known|Temporary failure/i.test(
    output,
  );
}

function withoutNetwork({ requirements }, { version }, command) {
  const minor = version.split('.').slice(0, 2).join('.');
  return [
    '',
    'Without a network, have the packages on another machine of this kind, copy the folder here, and name it:',
    `  python${minor} -m pip download -r ${requirements} -d wheels`,
    `  PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheels ${command} init`,
  ].join('\n');
}

/** The machine's settings for pip hold, but for those that would install somewhere else. */
function pipEnvironment() {
  const { PYTHONHOME, PYTHONPATH, VIRTUAL_ENV, PIP_TARGET, PIP_PREFIX, PIP_ROOT, ...env } = process.env;
  return { ...env, PIP_USER: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
}

/** Moves the link in one step. */
function publish(link, venv, store) {
  const beside = join(store, `link-${randomBytes(4).toString('hex')}`);
  symlinkSync(relative(dirname(link), venv), beside);
  if (lstatSync(link, { throwIfNoEntry: false })?.isDirectory()) {
    // A folder made by hand stands where our link belongs, and cannot be replaced by one.
    renameSync(link, join(store, `replaced-${randomBytes(4).toString('hex')}`));
  }
  renameSync(beside, link);
}

function linkTarget(link) {
  try {
    return basename(readlinkSync(link));
  } catch {
    return undefined;
  }
}

/** Removes what killed set-ups left, and versions older than the one before. */
function sweep(store, kept) {
  for (const name of readdirSync(store)) {
    if (!kept.includes(name)) rmSync(join(store, name), { recursive: true, force: true });
  }
}
