/** The page at `/docs` in a real browser: it shows the description and calls what it shows, with nothing from elsewhere. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Chromium, hasChromium, startChromium } from './page/chromium.ts';

describe.skipIf(!hasChromium)('the page of the API', { timeout: 120_000 }, () => {
  let gateway: TestGateway;
  let chromium: Chromium;
  let page: Page;
  /** What the page itself did wrong, and what it asked of others. */
  let faults: string[];

  beforeAll(async () => {
    gateway = await startGateway();
    chromium = await startChromium({ timeoutMs: 60_000 });
  });

  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await gateway?.stop();
  });

  beforeEach(async () => {
    faults = [];
    page = await chromium.browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${gateway.http}/`) && !/^(data|blob):/.test(url)) faults.push(`asked for ${url}`);
    });
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const execute = () => page.locator('#operations-Executions-execute');

  test('shows its chapters from the first to the last, and takes the token out of the address', async () => {
    await page.goto(`${gateway.http}/docs#token=${gateway.token()}`);
    await execute().waitFor();
    expect(page.url()).toBe(`${gateway.http}/docs`);
    expect(await page.locator('#token-state').textContent()).toBe('in use');
    const tags = page.locator('.opblock-tag');
    await tags.nth(1).waitFor();
    const chapters = await tags.evaluateAll((tags: { dataset: { tag: string } }[]) =>
      tags.map(({ dataset }) => dataset.tag),
    );
    expect(chapters.slice(0, 2)).toEqual(['Executions', 'Sessions']);
    // What stands far below is made when somebody goes there.
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.locator('.opblock-tag[data-tag="grpc.health.v1.Health"]').waitFor();
  });

  test('calls what it shows, with the token that was typed', async () => {
    await page.goto(`${gateway.http}/docs`);
    await page.getByLabel('Token').fill(gateway.token());
    await page.getByRole('button', { name: 'Use' }).click();
    await execute().locator('.opblock-summary-control').click();
    await execute().getByRole('button', { name: 'Try it out' }).click();
    await execute().getByRole('button', { name: 'Execute', exact: true }).click();
    const answer = execute().locator('.live-responses-table .highlight-code').first();
    await answer.waitFor();
    expect(await answer.textContent()).toContain('"stdout": "hello\\n"');
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
  });

  test('fits 400 pixels, and follows the dark mode of its reader', async () => {
    await page.setViewportSize({ width: 400, height: 900 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${gateway.http}/docs`);
    await execute().locator('.opblock-summary-control').click();
    await execute().locator('.opblock-body').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    const ground = 'getComputedStyle(document.body).backgroundColor';
    expect(await page.evaluate(ground)).toBe('rgb(28, 32, 34)');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.evaluate(ground)).toBe('rgb(255, 255, 255)');
  });
});
