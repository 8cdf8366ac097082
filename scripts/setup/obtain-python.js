import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SetupProblem } from './problem.js';
import { step } from './progress.js';
import { pythonArchive } from './python-archive.js';
import { lastLines, run } from './run.js';

/**
 * A Python for a machine that has none, below the home, where the gateway finds it, too. `isAgreed`: a download was asked for;
 * else somebody at a terminal is asked. `missing` is the problem that there is without it.
 */
export async function obtainPython({ home, isAgreed, command }, missing) {
  const archive = await pythonArchive();
  if (archive === undefined) throw missing;
  const folder = join(home, 'runtimes', archive.key);
  const python = join(folder, 'bin', 'python3');
  if (existsSync(python)) return python;
  const path = join(home, 'downloads', archive.name);
  if (!existsSync(path)) {
    if (!isAgreed && !(await agrees(archive, folder, missing))) {
      throw new SetupProblem(
        `${missing.message}\nTo have Python ${archive.version} put into ${folder}: ${command} init --yes`,
      );
    }
    await step(`downloading Python ${archive.version}`, (tell) => download(archive, path, command, tell));
  }
  await step(`unpacking Python ${archive.version}`, () => unpack(archive, path, folder));
  return python;
}

async function agrees({ version, url }, folder, missing) {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.exit(130));
  try {
    process.stderr.write(`beep-python: ${missing.message}\n`);
    const question = `Download Python ${version} from ${new URL(url).host} into ${folder}, for this program alone? [Y/n] `;
    return /^(y|yes|)$/i.test((await terminal.question(question)).trim());
  } catch {
    return false; // Ctrl-D
  } finally {
    terminal.close();
  }
}

const idleMs = 60_000;

/** Into a file beside its place, which it gets once its digest is right. */
async function download({ url, sha256, name }, path, command, tell) {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const part = `${path}.${randomBytes(4).toString('hex')}`;
  const hash = createHash('sha256');
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  let bytes = 0;
  try {
    const answer = await fetch(url, { signal: idle.signal });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const total = Number(answer.headers.get('content-length'));
    const counted = new Transform({
      transform(chunk, _, done) {
        timer.refresh();
        hash.update(chunk);
        bytes += chunk.length;
        if (total > 0) tell(`${Math.floor((100 * bytes) / total)} %`);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(answer.body), counted, createWriteStream(part, { mode: 0o600 }));
    const found = hash.digest('hex');
    if (found !== sha256) throw new Error(`what came is another file: its SHA-256 is ${found}`);
    renameSync(part, path);
  } catch (cause) {
    const why = idle.signal.aborted ? `nothing came for ${idleMs / 1000} s` : (cause.cause?.code ?? cause.message);
    throw new SetupProblem(
      [
        `Python could not be downloaded: ${why}. Behind a proxy set NODE_USE_ENV_PROXY=1; from a mirror, BEEP_PYTHON_PYTHON_MIRROR.`,
        'Without a network, have it on another machine, put it into its place here, and run the same again:',
        `  curl -fL -o '${name}' '${url}'`,
        `  its place:  ${path}`,
        `  its SHA-256: ${sha256}`,
        `  then:       ${command} init`,
      ].join('\n'),
    );
  } finally {
    clearTimeout(timer);
    rmSync(part, { force: true });
  }
}

/** In a folder beside its place, and then there in one step. */
async function unpack({ key, sha256 }, path, folder) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new SetupProblem(
      `${path} is not what belongs there: its SHA-256 is ${found}, not ${sha256}; remove it, and try again.`,
    );
  }
  const beside = join(folder, '..', '.temp', `${key}-${randomBytes(4).toString('hex')}`);
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  try {
    const { code, output } = await run('tar', ['-xzf', path, '-C', beside]);
    if (code !== 0) throw new SetupProblem(`unpacking ${path} failed (exit code ${code}):\n${lastLines(output)}`);
    renameSync(join(beside, 'python'), folder);
    rmSync(path);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
