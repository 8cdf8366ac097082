// Whether the contract still serves the programs written against an earlier one:
// `node scripts/generate/breaking.js [<git reference>]`; without a reference, against the newest release tag.
import { spawnSync } from 'node:child_process';
import { root, runBuf } from './tools.js';

const reference = process.argv[2] ?? newestRelease();
if (reference === undefined) console.log('there is no release yet: nothing can be broken');
else {
  process.exitCode = runBuf(['breaking', '--against', `.git#ref=${reference}`]);
  if (process.exitCode === 0) console.log(`nothing breaks against ${reference}`);
}

/** The newest tag of a version that is part of this history; none without a history. */
function newestRelease() {
  const { status, stdout } = spawnSync('git', ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*'], {
    cwd: root,
  });
  return status === 0 ? stdout.toString().trim() : undefined;
}
