/** `run/gateway.json`: how to reach the gateway of a home while it runs. */
import { readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../replace-file.ts';

/** Where the listeners are; null for one that was not started. */
export interface Endpoints {
  /** URL of the HTTP listener. */
  readonly http: string | null;
  /** URL of the RPC listener. */
  readonly rpc: string | null;
  /** Path of the pipe's socket. */
  readonly pipe: string | null;
}

/** What the file says. */
export interface GatewayFile {
  readonly pid: number;
  readonly startedAt: string;
  readonly version: string;
  readonly endpoints: Endpoints;
  readonly tokenFile: string;
}

/** Path of the file in a home. */
export function gatewayFilePath(home: string): string {
  return join(home, 'run', 'gateway.json');
}

/** Writes the file in one step: a reader finds all of it or none. */
export async function writeGatewayFile(home: string, content: GatewayFile): Promise<void> {
  const path = gatewayFilePath(home);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${JSON.stringify(content)}\n`, { flush: false }); // it says nothing after a crash
}

/** Removes the file if it is this process's. */
export function removeGatewayFile(home: string): void {
  const path = gatewayFilePath(home);
  try {
    if (JSON.parse(readFileSync(path, 'utf8')).pid !== process.pid) return;
  } catch {
    // Nothing there, or nothing that anybody could use.
  }
  rmSync(path, { force: true });
}
