/** The entry for browsers: a bundle without server code, and a page that runs code with it. */

import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as browser from '../../src/client/browser.ts';
import * as node from '../../src/client/node.ts';
import { type Chromium, hasChromium, startChromium } from '../integration/page/chromium.ts';
import { root } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listeningOn } from '../support/listening.ts';

/** What a bundler makes of `import … from 'beep-python/client'` in a page. */
interface Bundle {
  readonly code: string;
  readonly modules: readonly string[];
}

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled(join(root, 'src', 'client', 'browser.ts'));
});

async function bundled(entry: string): Promise<Bundle> {
  const made = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['browser'] },
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'bundle' } },
  });
  const [first] = Array.isArray(made) ? made : [made];
  if (first === undefined || !('output' in first)) throw new Error('nothing was bundled');
  const chunks = first.output.filter((file) => file.type === 'chunk');
  return { code: chunks.map(({ code }) => code).join('\n'), modules: chunks.flatMap(({ moduleIds }) => moduleIds) };
}

test('the entry for browsers has no server code, and imports nothing of Node', () => {
  expect(bundle.modules.filter((id) => /node:|__vite-browser-external|connect-node|grpc-js/.test(id))).toEqual([]);
  expect(bundle.code).not.toMatch(/from\s*["']node:|require\(/);
  const ours = bundle.modules.filter((id) => id.startsWith(join(root, 'src')));
  expect(ours.filter((id) => !/\/src\/(client|gen\/es)\//.test(id))).toEqual([]);
  expect(bundle.code.length).toBeLessThan(1_000_000);
});

test('both entries export the same', () => {
  expect(Object.keys(browser).toSorted()).toEqual(Object.keys(node).toSorted());
});

test('outside of a page, an address has to be named', async () => {
  await expect(browser.connect()).rejects.toMatchObject({ reason: 'NO_GATEWAY' });
});

describe.skipIf(!hasChromium)('in Chromium', { timeout: 60_000 }, () => {
  let chromium: Chromium;
  let gateway: TestGateway;
  let origin: string;
  const pages = createServer((request, response) => {
    const isBundle = request.url === '/bundle.js';
    response.setHeader('content-type', isBundle ? 'text/javascript' : 'text/html');
    response.end(isBundle ? bundle.code : '<!doctype html><title>page</title>');
  });
  beforeAll(async () => {
    origin = await listeningOn(pages);
    gateway = await startGateway({ flags: ['--allow-origin', origin] });
    chromium = await startChromium({ timeoutMs: 30_000, flags: ['--js-flags=--expose-gc'] });
  });
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await gateway?.stop();
    pages.close();
  });

  /** What a page answers that has run this with the client, as text: the test runner would put its own imports into a function. */
  const inPage = async (protocol: string, program: string): Promise<unknown> => {
    const page = await chromium.browser.newPage();
    await page.goto(origin);
    const options = JSON.stringify({ address: gateway.http, token: gateway.token(), protocol });
    const seen = await page.evaluate(`(async () => {
      const { connect, float, NdArray } = await import('/bundle.js');
      const python = await connect(${options});
      try { ${program} } finally { await python.close(); }
    })()`);
    await page.close();
    return seen;
  };

  describe.each(['connect', 'grpc-web'])('by %s', (protocol) => {
    test('a page of another origin runs code and works with objects', async () => {
      const seen = await inPage(protocol, objects);
      expect(seen).toEqual({
        texts: '0\n1\n2\n= 42',
        sum: 1,
        error: 'ZeroDivisionError: division by zero',
        sent: 3_000_000,
        shown: 'PythonObject fractions.Fraction (fractions.Fraction object)',
        values: ['9007199254740993', 1.5, '0,255'],
        read: 8_000_000,
      });
    });

    test('what a scope leaves is closed, what is forgotten is let go, and what is aborted is stopped', async () => {
      expect(await inPage(protocol, scopes)).toEqual({
        closed: 'CLOSED',
        held: 1,
        aborted: 'no longer wanted',
        stopped: 'IDLE',
      });
    });
  });
});

const objects = `
  const session = await python.createSession();
  const texts = [];
  for await (const event of session.execute('for i in range(3): print(i)\\n6 * 7')) {
    if (event.type === 'stdout') texts.push(event.text);
    if (event.type === 'result') texts.push('= ' + event.value);
  }
  const half = await session.import('fractions').Fraction(1, 2);
  const error = await session.run('1 / 0').catch((error) => error.type + ': ' + error.message);
  const sent = await session.write(new Uint8Array(3_000_000));
  const big = await session.evaluate('2**53 + 1');
  const kept = await session.evaluate('a + b', { a: float(1), b: 0.5 });
  const bytes = await session.evaluate('bytes([0, 255])');
  const read = await session.evaluate('bytes(8_000_000)').$readBytes();
  const answer = {
    texts: texts.join(''), sum: await half.__add__(half).numerator, error, sent: await sent.$length(),
    shown: String(half), values: [String(big), kept, String(bytes)], read: read.length,
  };
  await session.close();
  return answer;`;

const scopes = `
  let left;
  {
    await using session = await python.createSession();
    await using list = await session.get('list')([1]).$handle();
    await list.append(2);
    left = session;
  }
  const { state: closed } = await left.info();

  const other = await python.createSession();
  for (let count = 0; count < 20; count++) await other.get('object')();
  const kept = await other.get('object')();
  let held;
  do {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    held = (await python.services.objects.listHandles({ sessionId: other.id })).handles.length;
  } while (held > 1);
  await kept.__class__;

  const leave = new AbortController();
  const endless = other.run('while True: pass', { signal: leave.signal }).catch((error) => error.message);
  while ((await other.info()).state !== 'BUSY');
  leave.abort(new Error('no longer wanted'));
  const aborted = await endless;
  let stopped;
  do stopped = (await other.info()).state; while (stopped !== 'IDLE');
  await other.close();
  return { closed, held, aborted, stopped };`;
