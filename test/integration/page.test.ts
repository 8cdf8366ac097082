/** The page at `/` in a real browser: it connects, runs code, shows what comes as it comes, and stops what does not end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Chromium, hasChromium, startChromium } from './page/chromium.ts';
import { createTestFolder } from './setup/test-home.ts';

describe.skipIf(!hasChromium)('the page', () => {
  let gateway: TestGateway;
  let folder: Awaited<ReturnType<typeof createTestFolder>>;
  let chromium: Chromium;
  let page: Page;
  /** What the page itself did wrong. */
  let faults: string[];

  beforeAll(async () => {
    gateway = await startGateway();
    folder = await createTestFolder();
    chromium = await startChromium({ timeoutMs: 15_000 });
  });

  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await gateway?.stop();
  });

  beforeEach(async () => {
    faults = [];
    page = await chromium.browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) faults.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const output = () => page.getByRole('log', { name: 'Output' });
  const outcome = () => page.locator('#outcome');

  async function connect(): Promise<void> {
    await page.goto(`${gateway.http}/#token=${gateway.token()}`);
    await page.locator('#connection[data-state=connected]').waitFor();
  }

  async function start(code: string): Promise<void> {
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Run' }).click();
  }

  async function run(code: string): Promise<string> {
    await start(code);
    await ended();
    return await textOf(output());
  }

  async function ended(): Promise<void> {
    await page.locator('#run:enabled').waitFor();
  }

  test('says where the token is, refuses a wrong one, and takes the right one', async () => {
    await page.goto(gateway.http);
    await expectText('#token-problem', 'The token stands in the token file, whose path the gateway printed at start.');
    await page.getByLabel('Token').fill('x'.repeat(43));
    await page.getByRole('button', { name: 'Connect' }).click();
    await expectText('#token-problem', 'This token is not known here.');
    await page.getByLabel('Token').fill(gateway.token());
    await page.getByRole('button', { name: 'Connect' }).click();
    await expectText('#connection', 'as token:default');
    expect(await page.getByLabel('Token').isVisible()).toBe(false);
  });

  test('takes the token out of the address, and keeps it for this tab alone', async () => {
    await connect();
    expect(page.url()).toBe(`${gateway.http}/`);
    await page.reload();
    await expectText('#connection', 'as token:default');
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    const other = await chromium.browser.newPage();
    await other.goto(gateway.http);
    await other.getByLabel('Token').waitFor();
    await other.close();
    await page.getByRole('button', { name: 'Forget token' }).click();
    await page.getByLabel('Token').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('shows each line while the code still runs, and a character that comes in two pieces', async () => {
    await connect();
    const gate = join(folder.path, 'gate');
    await start(`
import os, time
print("first")
os.write(1, b"\\xe2\\x82")
while not os.path.exists(${JSON.stringify(gate)}): time.sleep(0.005)
os.write(1, b"\\xac\\n")
print("last")`);
    await expectText('#output', 'first');
    expect(await textOf(outcome())).toBe('Running');
    expect(await textOf(output())).not.toContain('last');
    writeFileSync(gate, '');
    await ended();
    expect((await textOf(output())).trim().split('\n')).toEqual(['first', '€', 'last']);
    expect(await textOf(outcome())).toBe('Done');
  });

  test('shows the result, stderr apart from stdout, and what a carriage return leaves of a line', async () => {
    await connect();
    const text = await run('import sys\nprint("to stderr", file=sys.stderr)\nprint("10 %\\r20 %")\n{"a": (1, 2.0)}');
    expect(text).toContain('20 %');
    expect(text).not.toContain('10 %');
    expect(await textOf(page.locator('#output .stderr'))).toContain('to stderr');
    expect(await textOf(page.locator('#output .result'))).toBe("{'a': (1, 2.0)}");
  });

  test('shows a drawing as an image', async () => {
    await connect();
    await page.getByLabel('Example').selectOption('A figure without any package');
    await page.getByRole('button', { name: 'Run' }).click();
    await ended();
    const size = 'image.decode().then(() => [image.naturalWidth, image.naturalHeight])';
    expect(await page.evaluate(`const image = document.querySelector('#output img'); ${size}`)).toEqual([400, 400]);
  });

  test('shows HTML in a frame where nothing runs, and updates what has a name', async () => {
    await connect();
    await run(`
class Table:
    def __init__(self, cell): self.cell = cell
    def _repr_html_(self):
        return f"<table><tr><td>{self.cell}</td></tr></table><script>parent.document.title = 'taken'</script>"

display(Table("first"), display_id="table")
display(Table("second"), display_id="table", update=True)`);
    await page.frameLocator('#output iframe').getByText('second').waitFor();
    expect(await page.locator('#output iframe').count()).toBe(1);
    expect(await page.title()).toBe('beep-python');
  });

  test('shows an exception with its traceback', async () => {
    await connect();
    await run('def f():\n    return 1 / 0\nf()');
    const error = await textOf(page.locator('#output .error'));
    expect(error).toMatch(/^Traceback[\s\S]*line 2, in f[\s\S]*ZeroDivisionError: division by zero/);
    expect(await textOf(outcome())).toBe('Raised an exception');
  });

  test('stops an endless loop, and the variables live on', async () => {
    await connect();
    await start('n = 41\nprint("running")\nwhile True: pass');
    await expectText('#output', 'running');
    await page.getByRole('button', { name: 'Stop' }).click();
    await ended();
    expect(await textOf(outcome())).toBe('Stopped');
    expect(await textOf(page.locator('#facts'))).toBe('variables kept');
    expect(await run('n + 1')).toBe('42');
  });

  test('stays usable under a flood of output, and stops it', async () => {
    await connect();
    await start('import itertools\nfor i in itertools.count(): print(i, "x" * 60)');
    await expectText('#output', 'Earlier output is no longer shown here.');
    await page.getByRole('button', { name: 'Stop' }).click();
    await ended();
    expect(await textOf(outcome())).toBe('Stopped');
    expect((await textOf(output())).length).toBeLessThan(150_000);
  });

  test('runs with Ctrl-Enter; Tab indents, and leaves the box after Escape', async () => {
    await connect();
    const code = page.getByLabel('Code');
    await code.fill('');
    await code.press('Tab');
    await code.pressSequentially('1 + 1');
    expect(await code.inputValue()).toBe('    1 + 1');
    await code.press('Shift+Tab');
    expect(await code.inputValue()).toBe('1 + 1');
    await code.press('Control+Enter');
    await ended();
    expect(await textOf(page.locator('#output .result'))).toBe('2');
    await code.fill('');
    await code.pressSequentially('if True:\nprint(7)');
    expect(await code.inputValue()).toBe('if True:\n    print(7)');
    await code.press('Escape');
    await code.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('run');
  });

  test('tells a refusal by its reason', async () => {
    await connect();
    // As text: what the page loads is none of the test's modules.
    const refusal = await page.evaluate(`(async () => {
      const { serverStream } = await import('/assets/connect.js');
      const token = sessionStorage.getItem('beep-python.token');
      try {
        for await (const _ of serverStream('beep.python.v1.ExecuteService/Execute', {}, { token }));
      } catch ({ code, reason }) {
        return { code, reason };
      }
    })()`);
    expect(refusal).toEqual({ code: 'invalid_argument', reason: 'INVALID_ARGUMENT' });
  });

  test('every example runs to its end, but the one that has none', async () => {
    await connect();
    const names = await page.getByLabel('Example').locator('option').allInnerTexts();
    const outcomes: Record<string, string> = {};
    for (const name of names.filter((name) => !name.startsWith('An endless loop'))) {
      await page.getByLabel('Example').selectOption(name);
      await page.getByRole('button', { name: 'Run' }).click();
      await ended();
      outcomes[name] = await textOf(outcome());
    }
    const { 'An error': error, ...others } = outcomes;
    expect(error).toBe('Raised an exception');
    expect(new Set(Object.values(others))).toEqual(new Set(['Done']));
  });

  async function textOf(locator: Locator): Promise<string> {
    return (await locator.textContent()) ?? '';
  }

  async function expectText(selector: string, text: string): Promise<void> {
    await page.locator(selector, { hasText: text }).waitFor();
  }
});
