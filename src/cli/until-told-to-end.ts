/** Signals closer together than this are one: a terminal, npm and our parent each pass on the same Ctrl-C. */
const samePressMs = 500;
const parentCheckMs = 250;

/** Resolves with what asks to end: a signal, or the end of the npm that runs us. A second signal ends the process at once. */
export function untilToldToEnd(onHangUp?: () => void): Promise<NodeJS.Signals | 'npm ended'> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAt !== undefined && performance.now() - firstAt > samePressMs) process.exit(130);
      firstAt ??= performance.now();
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
    // With a log file there is nobody at a terminal who could have left: it means that the file was moved.
    process.on('SIGHUP', onHangUp ?? onSignal);
    whenNpmEnds(() => resolve('npm ended'));
  });
}

/** npm passes a signal on to a shell, which ends without passing it on to us: only the change of our parent tells. */
function whenNpmEnds(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, parentCheckMs).unref();
}
