import { execFile } from 'node:child_process';

/** What an interpreter says about itself. */
export interface ProbedRuntime {
  readonly path: string;
  /** `3.13.0`, `3.14.0rc1`. */
  readonly version: string;
  /** `cpython`, `pypy`. */
  readonly implementation: string;
  /** Such as `cpython-313`. */
  readonly abi: string;
  /** Neither a release to come nor a build without the lock of the interpreter. */
  readonly isPlainRelease: boolean;
  readonly missingModules: readonly string[];
}

const program = `
import json, sys
missing = []
for name in ("venv", "ssl"):
    try:
        __import__(name)
    except Exception:
        missing.append(name)
info = sys.version_info
level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info[3])
version = "%d.%d.%d" % info[:3] + ("%s%d" % (level, info[4]) if level else "")
print(json.dumps({
    "version": version,
    "implementation": sys.implementation.name,
    "abi": sys.implementation.cache_tag or "",
    "isPlainRelease": level is None and "t" not in getattr(sys, "abiflags", ""),
    "missingModules": missing,
}))
`;

/** Runs an interpreter to ask what it is; undefined for what does not run or is no Python 3. */
export async function probeRuntime(path: string): Promise<ProbedRuntime | undefined> {
  const answer = await new Promise<string | undefined>((resolve) => {
    execFile(path, ['-I', '-S', '-c', program], { timeout: 10_000 }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
  if (answer === undefined) return undefined;
  try {
    return { path, ...JSON.parse(answer.trim().split('\n').at(-1) ?? '') };
  } catch {
    return undefined;
  }
}
