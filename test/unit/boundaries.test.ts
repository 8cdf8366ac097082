/** Who may import whom: the table of the architecture, checked against the code. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const src = join(root, 'src');

/** Files directly in src that anybody may import. */
const base = [
  'afterwards',
  'call',
  'clock',
  'compile-cache',
  'config',
  'errors',
  'json-pieces',
  'log',
  'log-file',
  'metrics',
  'replace-file',
  'route-description',
  'setting',
  'token-files',
  'tokens',
  'version',
];

interface Rule {
  /** Folders whose types alone may be known: what comes from them is handed in. */
  readonly types?: readonly string[];
  /** Folders of ours; a path with a slash is one file or folder below. Every folder may import itself. */
  readonly ours: readonly string[];
  /** Packages, or scopes; Node's own modules unless they are in `notNode`. */
  readonly packages: readonly string[];
  readonly notNode?: readonly string[];
}

const connect = ['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-node'];
const sockets = ['node:http', 'node:http2', 'node:https', 'node:net', 'node:tls'];
const processes = ['node:child_process'];

const folders: Record<string, Rule> = {
  base: {
    ours: ['base', 'gen/es'],
    packages: ['pino', 'prom-client', '@bufbuild/protobuf'],
    notNode: [...sockets, ...processes],
  },
  gen: { ours: [], packages: ['@bufbuild/protobuf', '@bufbuild/protovalidate', '@grpc/grpc-js'] },
  workers: { ours: ['base', 'gen/worker'], packages: ['@grpc/grpc-js', '@bufbuild/protobuf', 'execa'] },
  sessions: { ours: ['base', 'workers', 'gen/worker'], packages: [], notNode: [...sockets, ...processes] },
  interceptors: {
    ours: ['base', 'gen/es'],
    packages: ['@bufbuild/protobuf', '@bufbuild/protovalidate'],
    notNode: [...sockets, ...processes],
  },
  client: { ours: ['gen/es'], packages: [...connect, '@connectrpc/connect-web'] },
  cli: {
    ours: ['base', 'client'],
    packages: ['commander', '@clack/prompts', 'cli-table3', 'smol-toml'],
    notNode: [...sockets],
  },
  venvs: {
    ours: ['base', 'runtimes', 'uv'],
    packages: ['execa', 'pip-requirements-js', '@renovatebot/pep440', 'smol-toml'],
    notNode: sockets,
  },
  runtimes: { ours: ['base', 'uv'], packages: ['execa', '@renovatebot/pep440'], notNode: sockets },
  uv: { ours: ['base'], packages: [], notNode: sockets },
  services: {
    ours: ['base', 'sessions', 'venvs', 'runtimes', 'uv', 'gen/es'],
    types: ['workers'],
    packages: ['@bufbuild/protobuf'],
    notNode: [...sockets, ...processes],
  },
  original: {
    ours: ['base', 'services', 'sessions', 'gen/es'],
    packages: ['@bufbuild/protobuf'],
    notNode: [...sockets, ...processes],
  },
  transports: {
    ours: ['base', 'gen/es'],
    types: ['interceptors'],
    packages: [...connect, '@grpc/grpc-js'],
    notNode: processes,
  },
};

/** Single files that may import more than their folder. */
const exceptions: Record<string, readonly string[]> = {
  'main.ts': ['base', 'cli'],
  // The command that is the gateway: it opens the home before there is anything to compose.
  'cli/start.ts': ['app.ts', 'uv', 'venvs'],
  'cli/home.ts': ['venvs'],
  'services/convert.ts': ['gen/worker'],
};

/** The parts of `venvs/`, and those that each may import beside itself; the files beside them put them together. */
const venvParts: Record<string, readonly string[]> = {
  naming: [],
  requirements: [],
  generations: [],
  installed: ['requirements'],
  check: ['generations', 'installed'],
  changes: ['generations', 'installed', 'requirements'],
};
/** What is in them may know these too. */
const venvBase = ['venvs/environment-in-force.ts', 'venvs/layout.ts'];

/** The one file of `original/` that knows the worker's types is its codec. */
const originalCodec = /^original\/(.*\/)?codec\.ts$/;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const code = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /^\s*(?:import|export)\b([^'";]*?)\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...statements].map(([, clause, from, bare, dynamic]) => ({
    file,
    target: resolveTarget(file, (from ?? bare ?? dynamic) as string),
    isType: clause?.trimStart().startsWith('type ') === true,
  }));
}

/** A path below src for ours, the module's name for others. */
function resolveTarget(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(src, join(src, dirname(file), specifier)) : specifier;
}

function isOurs(target: string): boolean {
  return target.endsWith('.ts');
}

function folderOf(path: string): string {
  if (path.includes('/')) return path.slice(0, path.indexOf('/'));
  return base.includes(path.replace(/\.ts$/, '')) ? 'base' : path;
}

function isAllowed({ file, target, isType }: Import): boolean {
  const from = folderOf(file);
  if (from === 'app.ts') return true;
  const extra = exceptions[file] ?? [];
  const rule = folders[from];
  if (isOurs(target)) {
    const to = folderOf(target);
    if (to === from || extra.includes(to)) return true;
    if (isType && rule?.types?.includes(to)) return true;
    if (originalCodec.test(file) && target.startsWith('gen/worker/')) return true;
    const allowed = [...(rule?.ours ?? []), ...extra];
    return allowed.some((ours) => ours === to || target.startsWith(`${ours}/`));
  }
  if (target.startsWith('node:')) return !(rule?.notNode ?? []).includes(target);
  return (rule?.packages ?? []).some((name) => target === name || target.startsWith(`${name}/`));
}

test('every file lies in a folder of the architecture', () => {
  const known = [...Object.keys(folders), 'app.ts', 'main.ts'];
  expect(files.filter((file) => !known.includes(folderOf(file)))).toEqual([]);
});

test('no file imports what its folder must not know', () => {
  const wrong = imports.filter((one) => !isAllowed(one)).map(({ file, target }) => `${file} -> ${target}`);
  expect(wrong).toEqual([]);
});

test('each part of the environments knows those only that it builds on', () => {
  const partOf = (path: string) => /^venvs\/([^/]+)\//.exec(path)?.[1];
  expect(new Set(files.map(partOf))).toEqual(new Set([undefined, ...Object.keys(venvParts)]));
  const inside = imports.filter(({ file, target }) => partOf(file) !== undefined && target.startsWith('venvs/'));
  const wrong = inside.filter(({ file, target }) => {
    const [from, to] = [partOf(file) as string, partOf(target)];
    if (to === undefined) return !venvBase.includes(target);
    return to !== from && !venvParts[from]?.includes(to);
  });
  expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
});

test('only workers, uv, venvs and runtimes start processes, and the commands that are about processes', () => {
  const starting = imports.filter(({ target }) => target === 'node:child_process' || target === 'execa');
  const elsewhere = starting.filter(
    ({ file }) => !/^(workers|uv|venvs|runtimes)\//.test(file) && !/^cli\/(detach|doctor|shell)\.ts$/.test(file),
  );
  expect(elsewhere.map(({ file }) => file)).toEqual([]);
});

test('no import leads back to where it came from', () => {
  const next = Map.groupBy(
    imports.filter(({ file, target }) => isOurs(target) && !file.startsWith('gen/')),
    ({ file }) => file,
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const { target } of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test('no file only passes on what others export', () => {
  const published = 'client/exports.ts'; // of both entries of the client
  const barrels = files
    .filter((file) => !file.startsWith('gen/') && file !== published)
    .filter((file) => {
      const code = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const rest = code.replace(/^export\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s*from\s*['"][^'"]+['"];?$/gm, '');
      return /(^|\/)index\.ts$/.test(file) || rest.trim() === '';
    });
  expect(barrels).toEqual([]);
});

test('what runs in the environment of the user imports the standard library only', () => {
  const program = `
import ast, pathlib, sys
folder = pathlib.Path(sys.argv[1])
for path in sorted(folder.rglob("*.py")):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            top = name.split(".")[0]
            # Loaded by matplotlib itself, where the user has it.
            if path.name == "mpl_backend.py" and top == "matplotlib":
                continue
            if top not in sys.stdlib_module_names and top != folder.name:
                print(f"{path.relative_to(folder.parent)}:{node.lineno} imports {name}")
`;
  const python = join(process.env.BEEP_PYTHON_HOME as string, 'admin', 'bin', 'python');
  const folder = join(root, 'python', 'beep_session');
  expect(execFileSync(python, ['-I', '-c', program, folder], { encoding: 'utf8' })).toBe('');
});
