/** The home folder of one gateway: that it is set up, and that it is ours alone. */
import { existsSync, ftruncateSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lock, readLockFile, tryLock } from '../venvs/changes/lock.ts';
import { type HomeLayout, homeLayout } from '../venvs/layout.ts';
import { CliFailure } from './failure.ts';
import { gatewayFilePath } from './gateway-file.ts';

/** The layout of a home whose admin environment is there. */
export async function openHome(home: string, packageCache: string): Promise<HomeLayout> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (!existsSync(join(home, 'admin', 'bin', 'python'))) {
    // In a clone it is there: what starts us there has seen to it.
    const { setUp } = await import('./set-up.ts');
    await setUp(home);
  }
  try {
    const adminFolder = realpathSync(join(home, 'admin'));
    realpathSync(join(adminFolder, 'bin', 'python'));
    return homeLayout(home, adminFolder, packageCache);
  } catch {
    throw new CliFailure(`${home} is not set up: beep-python init does it`);
  }
}

/** Takes the home for this process; says who has it if somebody has. A file that a dead gateway left does not matter. */
export async function takeHome(layout: HomeLayout, version: string): Promise<Lock> {
  const path = join(layout.home, 'run', 'gateway.lock');
  const lock = await tryLock(path, layout.adminPython);
  if (lock === undefined) {
    throw new CliFailure(
      `a gateway runs on ${layout.home} already: ${readLockFile(path) || 'it is just starting'}; stop it, or take another --home`,
    );
  }
  ftruncateSync(lock.fd);
  writeSync(lock.fd, `pid ${process.pid}, version ${version}\n`);
  rmSync(gatewayFilePath(layout.home), { force: true });
  return lock;
}
