/** What all transfers of large data have in common. */
import type { CallOptions } from '../link.ts';

/** How far a transfer is. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** How one transfer differs. */
export interface TransferOptions extends CallOptions {
  /** Told as the bytes come or go. */
  readonly onProgress?: (progress: Progress) => void;
}
