/** The platform of this machine as uv names it, such as `linux-x86_64-gnu`, `macos-aarch64-none`. */
export function hostPlatform(): string {
  const os = process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'windows' : process.platform;
  const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  return `${os}-${arch}-${libc(os)}`;
}

let isGlibc: boolean | undefined;

function libc(os: string): string {
  if (os !== 'linux') return 'none';
  if (isGlibc === undefined) {
    // The names of this machine's addresses would be looked up for a report that has them.
    const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
    const before = report.excludeNetwork;
    report.excludeNetwork = true;
    isGlibc = 'glibcVersionRuntime' in (report.getReport() as unknown as { header: object }).header;
    report.excludeNetwork = before;
  }
  return isGlibc ? 'gnu' : 'musl';
}
