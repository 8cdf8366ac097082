import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest, readStamp } from './stamp.js';

/** Lies inside node_modules: `npm ci` empties that folder first, so a killed one leaves no stamp. */
const stampPath = (root) => join(root, 'node_modules', '.beep-python.json');

/** Whether node_modules is what the lock file says. */
export function areNodeModulesReady(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (readStamp(stampPath(root))?.digest === lockDigest(lockText)) return true;
  if (!holdsLocked(root, lockText)) return false;
  stampNodeModules(root);
  return true;
}

/** Says that node_modules is what the lock file says. */
export function stampNodeModules(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  writeFileSync(stampPath(root), `${JSON.stringify({ digest: lockDigest(lockText) })}\n`);
}

function lockDigest(lockText) {
  return digest(process.platform, process.arch, lockText);
}

/** For those who ran npm themselves: npm writes down what it installed when it is done. */
function holdsLocked(root, lockText) {
  const installed = readStamp(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  return Object.entries(JSON.parse(lockText).packages).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    if (there === undefined) return entry.optional === true && !isForThisMachine(entry);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/** Packages for one platform say so; an optional one that says nothing belongs to one that does. */
function isForThisMachine({ os, cpu, libc }) {
  if (os === undefined && cpu === undefined) return false;
  const fits = (allowed, own) => allowed === undefined || [allowed].flat().includes(own);
  return fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, 'glibc');
}
