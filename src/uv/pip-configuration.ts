/** pip's configuration as uv needs it: uv does not read it, and on many machines it is the only place that names the index. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { errors } from '../errors.ts';
import { withoutCredentials } from './redact.ts';
import { withoutPaths } from './said.ts';

/** What of pip's configuration says where packages come from. */
export interface PipConfiguration {
  readonly defaultIndex: string;
  readonly extraIndexes: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly trustedHosts: readonly string[];
  readonly certificateFile: string | undefined;
  readonly clientCertificateFile: string | undefined;
  readonly proxy: string | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** Of a machine without one. */
export const noPipConfiguration: PipConfiguration = readPipConfiguration('');

const timeoutMs = 30_000;

/**
 * Asks pip the first time that somebody wants to know, and remembers the answer: it takes half a second. Throws START_FAILED
 * where pip cannot tell: whoever has a private index must not be sent to the public one because of that.
 */
export function createPipConfiguration(
  python: string,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): () => Promise<PipConfiguration> {
  let answer: Promise<PipConfiguration> | undefined;
  return () => {
    answer ??= askPip(python, env).then(readPipConfiguration).then(withoutMissingFolders);
    answer.catch(() => {
      answer = undefined;
    });
    return answer;
  };
}

/** An interpreter without pip has no configuration of it. */
async function askPip(python: string, env: Readonly<NodeJS.ProcessEnv>): Promise<string> {
  return await new Promise((resolve, reject) => {
    const args = ['-I', '-m', 'pip', 'config', 'list', '--disable-pip-version-check'];
    execFile(python, args, { timeout: timeoutMs, env: { ...env } }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (/No module named '?pip\b/.test(stderr)) return resolve('');
      const said = withoutPaths(withoutCredentials(`${stdout} ${stderr}`))
        .replace(/\s+/g, ' ')
        .trim();
      const why = error.killed ? `it takes longer than ${timeoutMs / 1000} s` : said || error.message;
      reject(
        errors.startFailed("pip's configuration cannot be read; name the index with --package-index: pip", why, error),
      );
    });
  });
}

/** Reads lines of `pip config list`, such as `global.index-url='https://index.example/simple'`. */
export function readPipConfiguration(text: string): PipConfiguration {
  // Weakest first: a file's general part, what it says of single commands, variables.
  const sections = ['global', 'install', ':env:'];
  const values = new Map<string, string>();
  const found = text
    .split('\n')
    .map(readLine)
    .filter((line) => line !== undefined);
  for (const section of sections) {
    for (const line of found) if (line.section === section) values.set(line.key, line.value);
  }
  const word = (key: string) => values.get(key) || undefined;
  const words = (key: string) => values.get(key)?.split(/\s+/).filter(Boolean) ?? [];
  const seconds = Number(word('timeout') ?? word('default-timeout'));
  return {
    defaultIndex: word('index-url') ?? word('pypi-url') ?? '',
    extraIndexes: words('extra-index-url'),
    findLinks: words('find-links'),
    noIndex: /^(1|true|yes|on)$/i.test(word('no-index') ?? ''),
    trustedHosts: words('trusted-host'),
    certificateFile: word('cert'),
    clientCertificateFile: word('client-cert'),
    proxy: word('proxy'),
    timeoutSeconds: seconds > 0 ? Math.ceil(seconds) : undefined,
  };
}

/** pip passes over folders that are not there; uv would fail. */
function withoutMissingFolders(configuration: PipConfiguration): PipConfiguration {
  const isThere = (link: string) => /^[a-z][a-z0-9+.-]*:/i.test(link) || existsSync(link);
  return { ...configuration, findLinks: configuration.findLinks.filter(isThere) };
}

function readLine(line: string): { section: string; key: string; value: string } | undefined {
  const [, section = '', key = '', literal = ''] = /^(:env:|[^.=]+)\.([^=]+)=(.*)$/.exec(line) ?? [];
  const value = readLiteral(literal);
  return value === undefined ? undefined : { section, key: key.replaceAll('_', '-'), value };
}

/** A text as Python's `repr` writes it. */
function readLiteral(literal: string): string | undefined {
  const quote = literal[0];
  if ((quote !== "'" && quote !== '"') || literal.length < 2 || !literal.endsWith(quote)) return undefined;
  return literal.slice(1, -1).replace(/\\(x..|u....|.)/gs, (_, escaped: string) => {
    if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[escaped] ?? escaped;
  });
}
