import { readFile } from 'node:fs/promises';
import { SetupProblem } from './problem.js';

// A build of CPython that needs nothing of the machine (python-build-standalone), pinned with its digests: what is run first on
// a machine must be what was looked at. The list of uv has the same digests.
const version = '3.13.18';
const release = '20261110';
const releases = 'https://github.com/astral-sh/python-build-standalone/releases/download';
const builds = {
  'linux-x86_64-gnu': {
    target: 'x86_64-unknown-linux-gnu',
    sha256: 'f2d2199eb25880e07863b391cf7124e7ffa1338b0d65600dfcec117c4223a7fb',
  },
  'linux-aarch64-gnu': {
    target: 'aarch64-unknown-linux-gnu',
    sha256: '55c00325f7c1fddf325dfc621aabdfbbac4dc54adda224af88ec411dc12db239',
  },
  'macos-x86_64-none': {
    target: 'x86_64-apple-darwin',
    sha256: 'd27d59a722db9f69926eb6d9564071247221f45a04da920ea7f3001c97e32f9b',
  },
  'macos-aarch64-none': {
    target: 'aarch64-apple-darwin',
    sha256: '7a2384641584ab9984221fcb0fc9265df465922af71be71410529e2a9c3f0540',
  },
};

/** The archive for this machine: `{ key, version, name, url, sha256 }`; undefined where there is none. */
export async function pythonArchive() {
  const platform = hostPlatform();
  const list = process.env.BEEP_PYTHON_PYTHON_DOWNLOADS;
  if (list) return await fromList(list, platform);
  const build = builds[platform];
  if (build === undefined) return undefined;
  const name = `cpython-${version}+${release}-${build.target}-install_only_stripped.tar.gz`;
  const url = `${process.env.BEEP_PYTHON_PYTHON_MIRROR || releases}/${release}/${encodeURIComponent(name)}`;
  return { key: `cpython-${version}-${platform}`, version, name, url, sha256: build.sha256 };
}

/** The newest one of a list in uv's format, which the gateway reads by the same variable; without a digest it does not count. */
async function fromList(place, platform) {
  let entries;
  try {
    const text = /^https?:/i.test(place)
      ? await fetch(place, { signal: AbortSignal.timeout(30_000) }).then((answer) => answer.text())
      : await readFile(place.replace(/^file:\/\//, ''), 'utf8');
    entries = Object.values(JSON.parse(text));
  } catch (cause) {
    throw new SetupProblem(
      `BEEP_PYTHON_PYTHON_DOWNLOADS cannot be read: ${place}: ${cause.cause?.code ?? cause.message}`,
    );
  }
  const [entry] = entries
    .filter(({ name, major, minor, prerelease, variant, sha256, os, arch, libc }) => {
      const isThis = `${os}-${arch?.family}-${libc}` === platform && !arch?.variant;
      const isNewEnough = major === 3 && minor >= 11 && !prerelease && !variant;
      return name === 'cpython' && isThis && isNewEnough && /^[0-9a-f]{64}$/i.test(sha256 ?? '');
    })
    .sort((a, b) => b.minor - a.minor || b.patch - a.patch);
  if (entry === undefined) return undefined;
  const found = `${entry.major}.${entry.minor}.${entry.patch}`;
  const name = decodeURIComponent(new URL(entry.url).pathname.split('/').at(-1));
  return {
    key: `cpython-${found}-${platform}`,
    version: found,
    name,
    url: entry.url,
    sha256: entry.sha256.toLowerCase(),
  };
}

/** As uv names it. */
function hostPlatform() {
  const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
  if (process.platform !== 'linux') return `${process.platform === 'darwin' ? 'macos' : process.platform}-${arch}-none`;
  process.report.excludeNetwork = true;
  return `linux-${arch}-${'glibcVersionRuntime' in process.report.getReport().header ? 'gnu' : 'musl'}`;
}
