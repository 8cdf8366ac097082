/** The log: readable lines on a terminal, JSON lines elsewhere, and nothing secret in either. */
import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { afterwards } from './afterwards.ts';
import type { Config } from './config.ts';

/** Writes to the log; `child({ ... })` adds facts to every line. */
export type Logger = PinoLogger;

/** How the log is made. */
export interface LoggerOptions {
  readonly level: Config['logLevel'];
  readonly format: Config['logFormat'];
  /** Where lines go; default: the standard error stream, since the standard output is a command's answer. */
  readonly output?: { write(text: string): unknown; isTTY?: boolean };
  /** Where they go instead, many at a time. */
  readonly file?: { write(text: string): unknown };
  /** Values that never appear, whatever the key. */
  readonly secrets?: readonly string[];
}

const secretKeys = ['authorization', 'Authorization', 'cookie', 'token', 'password', 'secret', 'apiKey', 'credentials'];
const redacted = '[redacted]';

/** Makes the log of one process. */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.output ?? gathered(options.file ?? process.stderr);
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && output.isTTY === true);
  const hasColour = isPretty && output.isTTY === true && !process.env.NO_COLOR;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: redacted },
    },
    {
      write(line: string) {
        const shown = isPretty ? prettyLine(line, hasColour) : line;
        output.write(withoutSecrets(shown, options.secrets ?? []));
      },
    },
  );
}

/**
 * The same log for lines whose facts are all ours, flat and free of secrets: looking for secret keys in them would cost
 * more than the lines themselves. Errors, which may carry anything, are still looked through.
 */
export function withPlainFacts(log: Logger): Pick<Logger, 'info' | 'warn' | 'error'> {
  const plain = log.child({}, { redact: [] });
  return { info: plain.info.bind(plain), warn: plain.warn.bind(plain), error: log.error.bind(log) };
}

/** The lines of one moment go out in one write. */
function gathered(stream: { write(text: string): unknown; isTTY?: boolean }): {
  write(text: string): void;
  isTTY: boolean;
} {
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    stream.write(text);
  };
  return {
    isTTY: stream.isTTY === true,
    write(line) {
      if (lines === '') afterwards(flush);
      lines += line;
    },
  };
}

function withoutSecrets(line: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, redacted), line);
}

const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 35 };

/** `12:04:55.120 info  listening  port=5678` */
function prettyLine(line: string, hasColour: boolean): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line);
  const paint = (code: number, text: string) => (hasColour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const shownFacts = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [paint(90, String(time).slice(11, 23)), paint(colours[level] ?? 0, String(level).padEnd(5)), msg ?? ''];
  const stack = err?.stack ? `\n${String(err.stack).replace(/^/gm, '    ')}` : '';
  return `${[...head, paint(90, shownFacts.join(' '))].filter(Boolean).join(' ')}${stack}\n`;
}
