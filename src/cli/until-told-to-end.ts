/** Signals closer together than this are one: a terminal, npm and our parent each pass on the same Ctrl-C. */
const samePressMs = 500;

/** Resolves with the first signal that asks to end; a second one, later, ends the process at once. */
export function untilToldToEnd(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAt !== undefined && performance.now() - firstAt > samePressMs) process.exit(130);
      firstAt ??= performance.now();
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
