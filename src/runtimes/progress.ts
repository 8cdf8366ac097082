/** A word of how far something has come; the fields of the contract's Progress. */
export interface RuntimeProgress {
  readonly phase: 'resolve' | 'download' | 'install' | 'verify';
  readonly item?: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: 'bytes';
  readonly message: string;
}
