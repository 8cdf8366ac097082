/**
 * The steps of the Dockerfile in a clean root folder, without an image builder: programs are this machine's, read-only;
 * /home, /opt, /data, /tmp and the users are new, and the start has no network at all.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDockerfile } from '../../support/dockerfile.ts';
import { root } from './test-home.ts';

const canUnshare = spawnSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true']).status === 0;
const hasVenv =
  spawnSync('/usr/bin/python3', ['-c', 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))']).status === 0;
const whyNot = !canUnshare
  ? 'needs root, for a root folder of its own'
  : !hasVenv
    ? 'needs what its apt-get installs: /usr/bin/python3 from 3.11 on, with venv'
    : '';

/** How this machine reaches its registries. */
function network(): string {
  const names = /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PIP_(?:CERT|INDEX_URL|EXTRA_INDEX_URL)|(?:https?|no)_proxy)$/i;
  const given = Object.entries(process.env).filter(([name]) => names.test(name));
  const globalconfig = execFileSync('npm', ['config', 'get', 'globalconfig'], { encoding: 'utf8' }).trim();
  return [...given, ['npm_config_globalconfig', globalconfig]].map(([name, value]) => `${name}=${value}`).join(' ');
}

const prepare = `
set -e
mount --make-rprivate /
cd "$ROOT"
mkdir -p usr proc dev etc home opt root tmp var/tmp run node/bin
chmod 755 .
chmod 1777 tmp var/tmp
for link in bin sbin lib lib64; do ln -s usr/$link $link; done
mount --rbind -o ro /usr usr
mount -o remount,bind,ro usr
mount -t proc proc proc
mount --rbind /dev dev
for name in passwd group shadow gshadow login.defs nsswitch.conf resolv.conf hosts ld.so.cache ssl alternatives pip.conf ca-certificates; do
  [ ! -e /etc/$name ] || cp -aL /etc/$name etc/
done
cp "$NODE" node/bin/node
ln -s /usr/bin/npm node/bin/npm
cd "$CLONE"
`;

test.skipIf(whyNot !== '')(
  `the Dockerfile's steps in a clean root${whyNot && `: ${whyNot}`}`,
  () => {
    const { build, start, entry, skipped } = readDockerfile(join(root, 'Dockerfile'));
    expect(skipped, "the packages of the system are this machine's").toHaveLength(1);
    const place = mkdtempSync(join(tmpdir(), 'beep-python-root-'));
    const script = [
      prepare,
      build,
      // As a container is run: on its own, without a network, until it is told to end.
      `unshare --net sh -e -c ${quoted(
        [
          'ip link set lo up',
          `${start} > "$ROOT/said" 2>&1 & pid=$!`,
          'until grep -q "A first call" "$ROOT/said"; do kill -0 $pid || { cat "$ROOT/said"; exit 1; }; sleep 0.1; done',
          entry('exec', 'import os; (6 * 7, os.getuid() > 0)'),
          entry('status', '--json'),
          'kill -TERM $pid',
          'wait $pid && echo "ended with 0"',
        ].join('\n'),
      )}`,
    ].join('\n');
    try {
      const env = {
        ROOT: place,
        CLONE: root,
        NODE: process.execPath,
        NODE_BIN: '/node/bin',
        NETWORK: network(),
        PATH: process.env.PATH,
      };
      const said = execFileSync('unshare', ['--mount', '--pid', '--fork', 'sh', '-c', script], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(said).toContain('(42, True)\n');
      expect(said).toContain('"home": "/data"');
      expect(said).toMatch(/ended with 0\n$/);
      expect(existsSync(join(place, 'data', 'run', 'gateway.json'))).toBe(false);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
  600_000,
);

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
