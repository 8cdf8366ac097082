import { expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from '../../../src/log.ts';

function logged(options: Partial<LoggerOptions>, isTTY = false) {
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'auto',
    output: { write: (line) => lines.push(line), isTTY },
    ...options,
  });
  return { log, lines };
}

test('lines are JSON where nobody looks', () => {
  const { log, lines } = logged({});
  log.info({ port: 5678 }, 'listening');
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    level: 'info',
    msg: 'listening',
    port: 5678,
    time: expect.stringMatching(/Z$/),
  });
});

test('lines are readable on a terminal', () => {
  const { log, lines } = logged({}, true);
  log.warn({ port: 5678, why: 'in use' }, 'not listening');
  expect(lines[0]).toMatch(/not listening/);
  expect(lines[0]).toContain('port=5678 why=in use');
});

test('an error is shown with its stack', () => {
  const { log, lines } = logged({ format: 'pretty' });
  log.error({ err: new Error('boom') }, 'failed');
  expect(lines[0]).toMatch(/failed\n {4}Error: boom\n {8}at /);
});

test('what is below the level is not logged', () => {
  const { log, lines } = logged({ level: 'warn' });
  log.info('quiet');
  expect(lines).toEqual([]);
});

test.each(['authorization', 'token', 'password', 'cookie'])('the value of %s never appears', (key) => {
  const { log, lines } = logged({});
  log.info({ [key]: 'hush', headers: { [key]: 'hush' }, call: { headers: { [key]: 'hush' } } }, 'call');
  expect(lines[0]).not.toContain('hush');
});

test('a secret never appears, whatever holds it', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, lines } = logged({ format, secrets: ['s3cr3t-value'] });
    log.info({ url: 'http://h/?t=s3cr3t-value', err: new Error('bad s3cr3t-value') }, 'saw s3cr3t-value');
    expect(lines[0]).not.toContain('s3cr3t-value');
  }
});
