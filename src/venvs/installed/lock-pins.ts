import { uvFailure } from '../../uv/failure.ts';
import type { PackageIndex } from '../../uv/package-index.ts';
import { runUv, type UvPlaces } from '../../uv/run.ts';
import type { EnvironmentInForce } from '../environment-in-force.ts';

const timeoutMs = 2 * 60_000;

/** A pylock.toml (PEP 751) of exactly these packages, with the digests that the index announces for their files. */
export async function lockPins(
  pins: readonly string[],
  environment: EnvironmentInForce,
  options: { readonly places: UvPlaces; readonly index: PackageIndex; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const { places, index, signal } = options;
  const args = ['pip', 'compile', '--no-deps', '--no-header', '--no-annotate', '--format', 'pylock.toml'];
  const result = await runUv(places, [...args, '--python', environment.pythonPath, '-'], {
    timeoutMs,
    index,
    input: pins.map((pin) => `${pin}\n`).join(''),
    ...(signal !== undefined && { signal }),
  });
  if (result.exitCode !== 0) throw uvFailure(result, { action: 'lock the packages', index, venv: environment.name });
  return result.stdout;
}
