import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A digest over texts, to tell whether what was built is what is asked for. */
export function digest(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}

/** The JSON object in a file; undefined where there is none or it is not whole. */
export function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
