// Whether the contract still serves the programs written against an earlier one:
// `node scripts/generate/breaking.js [<git reference>]`; without a reference, against the newest release tag.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBuf } from './tools.js';

const reference = process.argv[2] ?? newestRelease();
if (reference === undefined) console.log('there is no release yet: nothing can be broken');
else process.exitCode = compareWith(reference);

/** The newest tag of a version that is part of this history; none without a history. */
function newestRelease() {
  const { status, stdout } = spawnSync('git', ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*'], {
    cwd: root,
  });
  return status === 0 ? stdout.toString().trim() : undefined;
}

/** Exit code of the comparison. An archive of what is compared with works in every kind of checkout. */
function compareWith(reference) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'breaking-'));
  try {
    const before = join(folder, 'before.tar');
    const archive = ['archive', '--format=tar', '-o', before, '--end-of-options', reference, 'buf.yaml', 'proto'];
    const { status } = spawnSync('git', archive, { cwd: root, stdio: 'inherit' });
    if (status !== 0) {
      console.error(`there is no contract at ${reference}; name a commit, branch or tag that has proto/ and buf.yaml`);
      return 1;
    }
    const found = runBuf(['breaking', '--against', before]);
    if (found === 0) console.log(`nothing breaks against ${reference}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
