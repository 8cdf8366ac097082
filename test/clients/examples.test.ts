/** The examples of the client are run as their comments say, and print what they promise. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasChromium, startChromium } from '../integration/page/chromium.ts';
import { createTestFolder, root } from '../integration/setup/test-home.ts';
import { buildTimeoutMs, scientificEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const slowMs = 120_000;

let gateway: TestGateway;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
let origin: string;
const pages = createServer(async (request, response) => {
  const path = new URL(request.url as string, 'http://page').pathname;
  const name = path === '/' ? 'index.html' : path.slice(1);
  const types: Record<string, string> = { html: 'text/html', js: 'text/javascript' };
  const content = await readFile(join(folder.path, 'page', name)).catch(() => undefined);
  response.writeHead(content === undefined ? 404 : 200, { 'content-type': types[name.split('.').at(-1) ?? ''] ?? '' });
  response.end(content);
});

beforeAll(async () => {
  folder = await createTestFolder();
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  gateway = await startGateway({ flags: ['--allow-origin', origin] });
}, buildTimeoutMs);

afterAll(async () => {
  pages.close();
  await gateway?.stop();
  await folder?.[Symbol.asyncDispose]();
});

async function example(file: string, ...args: string[]): Promise<string> {
  const user = join(folder.path, file.replaceAll('/', '-'));
  mkdirSync(user);
  symlinkSync(gateway.home, join(user, '.beep-python'));
  const { BEEP_PYTHON_HOME: _, ...variables } = process.env;
  const { stdout } = await run(process.execPath, [join(root, 'examples', file), ...args], {
    env: { ...variables, HOME: user },
    timeout: slowMs,
  });
  return stdout;
}

test('a training shows how it comes along, its figure is kept, and its model is used from Node', {
  timeout: slowMs,
}, async () => {
  const figure = join(folder.path, 'training.png');
  const lines = (await example('node/train.ts', await scientificEnvironment(), figure)).split('\n');
  expect(lines.filter((line) => /^epoch \d+: [89]\d\.\d% of the unseen digits are right$/.test(line)).length).toBe(10);
  expect(lines).toContain(`the figure is in ${figure}`);
  expect(readFileSync(figure).subarray(1, 4).toString()).toBe('PNG');
  expect(statSync(figure).size).toBeGreaterThan(5000);
  const [predicted, really] = lines.slice(-3).map((line) => line.split(/: +/)[1]);
  expect(predicted).toMatch(/^\[ \d, \d, \d \]$/);
  expect(predicted).toBe(really);
});

test('a loop with a language model runs code in fresh sessions with limits', { timeout: slowMs }, async () => {
  expect((await example('node/llm-tool.ts')).trim().split('\n')).toEqual([
    'code:   sum(p for p in range(2, 100) if all(p % d for d in range(2, p)))',
    'result: 1060',
    'code:   while True: pass',
    expect.stringMatching(/^result: TIMEOUT: /),
    expect.stringContaining('total'),
    expect.stringMatching(/^result: NameError: name 'total' is not defined/),
    expect.stringMatching(/^answer: The primes below 100 make 1060; the last try ended with NameError/),
  ]);
});

test.skipIf(!hasChromium)(
  'a page runs code, shows its output and a figure, and stops what does not end',
  { timeout: slowMs },
  async () => {
    await build({
      root: join(root, 'examples', 'browser'),
      configFile: false,
      logLevel: 'silent',
      base: './',
      build: { outDir: join(folder.path, 'page'), assetsDir: '.' },
    });
    const chromium = await startChromium({ timeoutMs: slowMs / 2 });
    try {
      const page = await chromium.browser.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      const settings = new URLSearchParams({
        gateway: gateway.http,
        token: gateway.token(),
        venv: await scientificEnvironment(),
      });
      await page.goto(`${origin}/#${settings}`);
      const outcome = page.locator('#outcome');
      const isShown = (text: string) =>
        until(`the page says ${text}`, async () => (await outcome.textContent()) === text, slowMs / 2);
      // Its session has to be there before the button does something.
      await until(
        'the page is ready',
        async () => {
          await page.getByRole('button', { name: 'Run' }).click();
          return (await outcome.textContent()) !== '';
        },
        slowMs / 2,
      );
      await isShown('OK');
      expect(await page.locator('#text').textContent()).toBe('line 0\nline 1\nline 2\n');
      const width = () =>
        page.locator('#figures img').evaluate((image) => (image as { naturalWidth?: number }).naturalWidth);
      await until('the figure is drawn', async () => ((await width()) ?? 0) > 100);

      await page.getByLabel('Code').fill('print("runs", flush=True)\nwhile True: pass');
      await page.getByRole('button', { name: 'Run' }).click();
      await page.getByText('runs', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await isShown('stopped');
      await page.getByLabel('Code').fill('1 / 0');
      await page.getByRole('button', { name: 'Run' }).click();
      await isShown('ERROR');
      expect(await page.locator('#text .error').textContent()).toContain('ZeroDivisionError: division by zero');
      expect(faults).toEqual([]);
    } finally {
      await chromium[Symbol.asyncDispose]();
    }
  },
);
