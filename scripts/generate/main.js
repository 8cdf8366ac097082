// Makes all generated code, from proto/ and of the Python client the half that blocks:
// `node scripts/generate/main.js [--check [--against <folder>]...]`.
// With --check nothing is written: it fails where the code in the repository, or in other folders, is not what would
// be generated. Plain JavaScript, so that any Node runs it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SetupProblem } from '../setup/problem.js';
import { apply, compare } from './folders.js';
import { codegenVenv, root, runBuf, runPython } from './tools.js';

const templates = [
  'buf.gen.yaml',
  'scripts/generate/worker.yaml',
  'scripts/generate/python.yaml',
  'scripts/generate/openapi.yaml',
  'scripts/generate/python-client.yaml',
];
const outputs = [
  'src/gen/es',
  'src/gen/worker',
  'src/gen/openapi',
  'python/gen',
  'python/beep_python_client/contract',
  'python/beep_python_client/blocking',
];

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, against: { type: 'string', multiple: true, default: [root] } },
});

try {
  const python = await codegenVenv();
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Made apart and compared, so that the files in place change only where they differ, and are never missing meanwhile.
  const fresh = mkdtempSync(join(root, '.cache', 'generated-'));
  try {
    process.exitCode = generate(fresh, python) || Math.max(...values.against.map((at) => finish(fresh, resolve(at))));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
} catch (problem) {
  if (!(problem instanceof SetupProblem)) throw problem;
  console.error(problem.message);
  process.exitCode = 1;
}

/** Exit code of the first step that fails, else 0. */
function generate(fresh, python) {
  for (const template of templates) {
    const status = runBuf(['generate', '--template', template, '--output', fresh], python);
    if (status !== 0) return status;
  }
  return runPython(join(root, 'scripts', 'generate', 'client_blocking.py'), [fresh], python);
}

/** Tells of every difference under --check, else does away with it. */
function finish(fresh, target) {
  const differences = outputs.flatMap((folder) => compare(join(fresh, folder), join(target, folder)));
  if (differences.length === 0) {
    console.log('generated code is fresh');
    return 0;
  }
  if (!values.check) {
    for (const difference of differences) apply(difference);
    console.log(`generated code: ${differences.length} files changed`);
    return 0;
  }
  for (const { change, path } of differences) console.error(`${change}: ${relative(target, path)}`);
  console.error('generated code is stale; run: node scripts/generate/main.js');
  return 1;
}
