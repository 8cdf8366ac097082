/** The steps of a Dockerfile, as a shell script for a root folder of its own: as far as that goes without an image builder. */
import { readFileSync } from 'node:fs';

/** What a Dockerfile asks for. */
export interface DockerfileScript {
  /** To be run in the folder of the Dockerfile, with the new root in $ROOT, $NODE_BIN in the new root's PATH, and $NETWORK in its environment. */
  readonly build: string;
  /** The entry point with its arguments, in the new root. */
  readonly start: string;
  /** The same program with other arguments. */
  entry(...args: readonly string[]): string;
  /** Steps that are left to this machine: those that install packages of the system. */
  readonly skipped: readonly string[];
}

/** Reads it. Throws for an instruction that is not understood. */
export function readDockerfile(path: string): DockerfileScript {
  const text = readFileSync(path, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ');
  const build: string[] = ['set -e'];
  const skipped: string[] = [];
  let [user, folder, entry, command] = ['root', '/', [] as string[], [] as string[]];
  const variables: string[] = [];
  const inside = (line: string, more = '') =>
    `chroot --userspec=${user} "$ROOT" env -i PATH="$NODE_BIN:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" ` +
    `HOME=${user === 'root' ? '/root' : `/home/${user}`} ${more} ${variables.join(' ')} sh -c ${quoted(`cd ${folder} && ${line}`)}`;
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const [, instruction, rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (instruction === 'RUN' && rest.startsWith('apt-get')) skipped.push(line);
    else if (instruction === 'RUN') build.push(inside(rest, '$NETWORK'));
    else if (instruction === 'USER') user = rest;
    else if (instruction === 'WORKDIR') folder = rest;
    else if (instruction === 'ENV') variables.push(rest);
    else if (instruction === 'COPY') build.push(...copied(rest, folder));
    else if (instruction === 'ENTRYPOINT') entry = JSON.parse(rest);
    else if (instruction === 'CMD') command = JSON.parse(rest);
    else if (instruction === 'VOLUME') build.push(`test -d "$ROOT${rest}"`);
    else if (instruction !== 'FROM' && instruction !== 'EXPOSE') throw new Error(`not understood: ${line}`);
  }
  const call = (args: readonly string[]) => inside(`exec ${[...entry, ...args].map(quoted).join(' ')}`);
  return { build: build.join('\n'), start: call(command), entry: (...args) => call(args), skipped };
}

/** What .dockerignore leaves out of a folder that is copied as a whole is left out here, too. */
function copied(rest: string, folder: string): string[] {
  const words = rest.split(/ +/);
  const owner = words[0]?.startsWith('--chown=') ? words.shift()?.slice('--chown='.length) : 'root:root';
  const target = `"$ROOT${folder}/${words.pop()}"`;
  const isFolder = words.length === 1 && !(words[0] as string).includes('.');
  const left = `--exclude=__pycache__ --exclude=tests`;
  const copy = isFolder
    ? `mkdir -p ${target} && tar -C ${words[0]} ${left} -cf - . | tar -C ${target} -xf -`
    : `cp ${words.join(' ')} ${target}`;
  return [copy, `chroot "$ROOT" chown -R ${owner} ${folder}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
