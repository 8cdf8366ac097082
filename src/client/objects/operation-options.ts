/** The options of what is done to paths and objects, by their names. */
import type { Names } from '../option-names.ts';
import type { DescribeOptions, ItemsOptions, ValueOptions } from './python-object.ts';
import type { BatchOptions } from './scope.ts';
import type { TransferOptions } from './transfer.ts';
import type { WriteOptions } from './writing.ts';

export const batchNames: Names<BatchOptions> = { signal: true, timeoutMs: true };

export const valueNames: Names<ValueOptions> = {
  ...batchNames,
  maxInlineBytes: true,
  lenient: true,
  numpyScalars: true,
  onNote: true,
};

export const itemsNames: Names<ItemsOptions> = { ...batchNames, pageSize: true, maxWaitMs: true };

export const describeNames: Names<DescribeOptions> = { ...batchNames, attributes: true };

export const transferNames: Names<TransferOptions> = { signal: true, onProgress: true };

export const writeNames: Names<WriteOptions> = { ...transferNames, assignTo: true };
