// The published form: compiled, with the Python sources and the proto files inside. Prints the path of the tarball, which lies
// in the folder that is named, or in .cache.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = resolve(process.argv[2] ?? join(root, '.cache'));
const target = join(folder, 'package');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compile = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')];
execFileSync(process.execPath, compile, { cwd: root, stdio: ['ignore', 2, 2] });
const skipped = new Set(['__pycache__', 'tests']);
for (const name of ['python', 'proto', 'scripts/setup', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
  cpSync(join(root, name), join(target, name), { recursive: true, filter: (path) => !skipped.has(basename(path)) });
}
cpSync(join(root, 'scripts', 'pack', 'bin.js'), join(target, 'bin.js'));
// Pages and descriptions stand beside the code that serves them.
cpSync(join(root, 'src'), join(target, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(), null, 2)}\n`);
const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
  cwd: target,
  encoding: 'utf8',
});
rmSync(target, { recursive: true, force: true });
console.log(join(folder, packed.trim()));

/** What the package says of itself: the compiled files stand where the sources do, and what is for developing is left out. */
function published() {
  const {
    scripts,
    devDependencies,
    optionalDependencies,
    private: _,
    exports,
    ...rest
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const compiled = JSON.parse(JSON.stringify(exports).replaceAll('./src/', './dist/').replaceAll('.ts"', '.js"'));
  // The page of the API is shown by it.
  const dependencies = { ...rest.dependencies, 'swagger-ui-dist': devDependencies['swagger-ui-dist'] };
  return {
    ...rest,
    dependencies,
    engines: { node: '>=24' },
    bin: { 'beep-python': './bin.js' },
    exports: compiled,
  };
}
