// Makes the reference of the TypeScript client from its code: `node scripts/generate/client-reference.js [--check]`. No
// documentation tool is among the dependencies, and the compiler's declarations have all that a reader wants to know.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where it is written. */
const referencePath = join(root, 'docs', 'reference', 'client-typescript.md');

const head = `# Reference of the TypeScript client

What \`beep-python/client\` exports, made from its code by
\`scripts/generate/client-reference.js\`. How it is used is told in [the
guide](../guides/client-typescript.md).
`;

/** The order of the sections, and what each is about; what is exported and stands in none comes last. */
const sections = [
  ['Connect', ['connect', 'ConnectOptions', 'Protocol', 'ClientOptions', 'Gateway', 'SessionFilter']],
  ['Sessions', ['Runner', 'Session', 'OwnSession', 'SessionOptions', 'Limits', 'SessionInfo']],
  ['Executions', ['Source', 'ExecuteOptions', 'Execution', 'ExecutionEvent', 'ExecutionResult', 'Ending']],
  ['Objects', ['PythonPath', 'PythonObject', 'ObjectOperations', 'kwargs']],
  ['Environments', ['Venvs', 'VenvOptions', 'EnsureOptions', 'Work', 'VenvInfo', 'VenvChange', 'PackageInfo']],
  ['The machine', ['HostInfo', 'HostStats', 'WorkerInfo', 'HostEvent', 'Runtimes', 'RuntimeInfo']],
  ['Values', ['NdArray', 'Tuple', 'tuple', 'FrozenSet', 'Float', 'float', 'Scalar', 'scalar']],
  ['Errors', ['PythonError', 'ExecutionStopped', 'BeepError', 'Reason', 'ClientReason']],
];

/** The reference as text. */
function clientReference() {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--outDir', folder];
    const options = ['--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions', '--strict'];
    const types = ['--skipLibCheck', '--rewriteRelativeImportExtensions', '--types', 'node', '--ignoreConfig'];
    const lib = ['--lib', 'es2024,esnext.disposable,esnext.array', '--rootDir', join(root, 'src')];
    const entry = join(root, 'src', 'client', 'node.ts');
    execFileSync(process.execPath, [tsc, entry, ...flags, ...options, ...types, ...lib], { cwd: root, stdio: 'pipe' });
    return pageOf(declarationsOf(join(folder, 'client', 'node.d.ts')));
  } catch (error) {
    throw new Error(`no declarations: ${error.stdout ?? error.message}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each exported name with its declaration. */
function declarationsOf(entry) {
  const text = readFileSync(entry, 'utf8');
  const found = declaredIn(text);
  for (const [, file] of text.matchAll(/^export \* from '([^']+)';/gm)) {
    for (const [name, declared] of declarationsOf(declarationFile(entry, file))) found.set(name, declared);
  }
  for (const [, names, file] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';/gm)) {
    const declared = declaredIn(readFileSync(declarationFile(entry, file), 'utf8'));
    for (const each of names.split(',')) {
      const name = each.replace(/^\s*type\s/, '').trim();
      if (name !== '') found.set(name, declared.get(name));
    }
  }
  return found;
}

/** Where the declarations of a module are that another one names. */
function declarationFile(from, module) {
  return join(dirname(from), module.replace(/\.[jt]s$/, '.d.ts'));
}

/** The exported declarations of a file, each with the comment above it. */
function declaredIn(text) {
  const found = new Map();
  const lines = text.split('\n');
  let comment = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const start = /^export (?:declare )?((?:class|interface|function|const|type) (\w+).*)$/.exec(line);
    if (start === null) {
      comment = /^\/\*\*/.test(line) ? [line] : /^ \*/.test(line) ? [...comment, line] : [];
      continue;
    }
    const code = [start[1]];
    let depth = depthOf(start[1]);
    while (depth > 0 || !/[;}]$/.test(code.at(-1))) {
      code.push(lines[++at]);
      depth += depthOf(lines[at]);
    }
    found.set(start[2], { comment, code: tidy(code) });
    comment = [];
  }
  return found;
}

/** How many brackets a line opens and does not close; those in comments are none. */
function depthOf(line) {
  if (/^\s*(\/\*\*|\*)/.test(line)) return 0;
  return (line.match(/[({[]/g) ?? []).length - (line.match(/[)}\]]/g) ?? []).length;
}

/** Without what nobody outside can use. */
function tidy(code) {
  return code
    .filter(
      (line) => !/^\s+(#|private |protected |constructor\(\{? ?link)/.test(line) && !line.includes('biome-ignore'),
    )
    .join('\n')
    .replaceAll(/^( +)/gm, (spaces) => spaces.slice(spaces.length / 2));
}

function pageOf(found) {
  const left = new Set(found.keys());
  const parts = [head];
  const listed = sections.map(([title, names]) => [title, names.filter((name) => left.delete(name))]);
  for (const [title, names] of [...listed, ['Other types', [...left].toSorted()]]) {
    parts.push(`## ${title}\n`);
    for (const name of names) parts.push(entryOf(name, found.get(name)));
  }
  return parts.join('\n');
}

function entryOf(name, declaration) {
  if (declaration === undefined) throw new Error(`no declaration of ${name}`);
  const lines = declaration.comment.map((line) => line.replace(/^\/?\s?\*+\/?\s?|\s*\*\/$/g, '').trim());
  const said = lines.filter((line) => line !== '').join('\n');
  return `### \`${name}\`\n\n${said}\n\n\`\`\`ts\n${declaration.code}\n\`\`\`\n`;
}

const reference = clientReference();
if (process.argv.includes('--check')) {
  if (readFileSync(referencePath, 'utf8') !== reference) {
    console.error('docs/reference/client-typescript.md is stale; run: node scripts/generate/client-reference.js');
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(referencePath), { recursive: true });
  writeFileSync(referencePath, reference);
}
