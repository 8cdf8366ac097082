/** The file of a Unix socket: nobody else's, and nobody's who is still there. */
import { lstatSync, rmSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { PathTaken } from './paths.ts';

/** Listens at a path; the file is for this user alone from its first moment. Throws PathTaken. */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (process.platform === 'win32') return await listening(server, path);
  await makeRoom(path);
  const before = process.umask(0o177);
  try {
    const done = listening(server, path); // binds before it returns
    process.umask(before);
    await done;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new PathTaken(`another process listens at ${path}; give another --pipe-name`);
  } finally {
    process.umask(before);
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Removes the socket that a gateway which was killed has left. */
async function makeRoom(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.uid !== process.getuid?.()) {
    throw new PathTaken(`${path} belongs to another user; give another --pipe-name, or have it removed`);
  }
  if (!found.isSocket())
    throw new PathTaken(`${path} is there and is no socket; remove it, or give another --pipe-name`);
  if (await answers(path)) {
    throw new PathTaken(`another process listens at ${path}; stop it, or give another --pipe-name`);
  }
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
