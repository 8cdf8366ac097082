/** Which suites the arguments of `npm test --` select. */
export interface Selection {
  readonly vitest: readonly string[];
  readonly pytest: readonly string[];
  readonly isAll: boolean;
}

/** Files and folders of Python go to pytest, all else (a path or a part of one) to vitest. */
export function selection(args: readonly string[]): Selection {
  const isPython = (arg: string) => /^(\.\/)?python(\/|$)/.test(arg) || /\.py(::|$)/.test(arg);
  return {
    vitest: args.filter((arg) => !isPython(arg)),
    pytest: args.filter(isPython),
    isAll: args.length === 0,
  };
}
