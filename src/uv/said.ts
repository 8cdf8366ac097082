/** What uv said on its standard error stream, taken apart: the failure with its causes, its hints, and what a build wrote. */

/** The parts. */
export interface Said {
  /** The failure and its causes, outermost first, each on one line. */
  readonly causes: readonly string[];
  readonly hints: readonly string[];
  /** What the code of a package wrote while it was built: nothing in it is uv's. */
  readonly buildOutput: string;
}

/** Takes it apart: `error: ...`, `  cause: ...` with lines below it that go on, `hint: ...`. */
export function readSaid(stderr: string): Said {
  const causes: string[][] = [];
  const hints: string[][] = [];
  const buildOutput: string[] = [];
  let open: string[] | undefined;
  for (const line of stderr.split('\n')) {
    const [, kind, first = ''] = /^(error| {2}(?:cause|Caused by)|hint): (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      open = [first];
      (kind === 'hint' ? hints : causes).push(open);
    } else if (open !== buildOutput && /^\s+\[(?:stderr|stdout)\]$/.test(line)) {
      open = buildOutput;
    } else if (line.startsWith(' ') || line === '') {
      // The output of a build is indented under its cause; what goes on is indented too.
      open?.push(open === buildOutput ? line.replace(/^ {1,9}/, '') : line.trim());
    } else {
      open = undefined;
    }
  }
  const joined = (parts: string[][]) => parts.map((lines) => lines.filter(Boolean).join(' '));
  return { causes: joined(causes), hints: joined(hints), buildOutput: buildOutput.join('\n').trim() };
}

/** A text without paths of this machine: what stands before the last part of each is ours, and nobody's business. */
export function withoutPaths(text: string): string {
  return text.replace(/(^|[\s`"'(=])\/(?:[^\s`"'()/]+\/)+([^\s`"'()/]*)/g, '$1$2');
}
