// Makes all generated code from proto/: `node scripts/generate/main.js [--check]`. Plain JavaScript, so that any Node runs it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureVenv, programsFolder } from './codegen_venv.js';
import { compare, copy } from './folders.js';
import { toolEnvironment } from './tools.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const templates = ['buf.gen.yaml', 'scripts/generate/worker.yaml', 'scripts/generate/python.yaml'];
const outputs = ['src/gen/es', 'src/gen/worker', 'python/gen'];

const checkOnly = process.argv.includes('--check');
const venv = ensureVenv(root);
mkdirSync(join(root, '.cache'), { recursive: true });
// Generated apart and compared, so that the files in place only change where they differ and are never missing meanwhile.
const fresh = mkdtempSync(join(root, '.cache', 'generated-'));
try {
  generate();
  report();
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function generate() {
  const env = toolEnvironment(root, programsFolder(venv));
  for (const template of templates) {
    const buf = join(root, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf');
    const { status } = spawnSync(process.execPath, [buf, 'generate', '--template', template, '-o', fresh], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    if (status !== 0) {
      process.exitCode = 1;
      throw new Error(`buf generate failed for ${template}`);
    }
  }
}

function report() {
  const differences = outputs.flatMap((folder) => compare(join(fresh, folder), join(root, folder)));
  if (differences.length === 0) {
    console.log('generated code is fresh');
    return;
  }
  if (checkOnly) {
    for (const { path, change } of differences) console.error(`${change}: ${path}`);
    console.error('generated code is stale; run: node scripts/generate/main.js');
    process.exitCode = 1;
    return;
  }
  for (const difference of differences) copy(difference);
  console.log(`generated code changed in ${differences.length} files`);
}
