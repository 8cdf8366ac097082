/** The entry for browsers: a bundle without server code, and a page that runs code with it. */

import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';
import * as browser from '../../src/client/browser.ts';
import * as node from '../../src/client/node.ts';
import { chromiumArguments, chromiumPath } from '../integration/page/chromium.ts';
import { createTestFolder, root } from '../integration/setup/test-home.ts';
import { startGateway } from '../support/gateway.ts';
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

const chromiumProgram = chromiumPath();
if (chromiumProgram === undefined) console.log('skipped: pages need Chromium, which is not on the PATH');

describe.skipIf(chromiumProgram === undefined)('in Chromium', () => {
  test.each(['connect', 'grpc-web'])(
    'a page of another origin runs code and works with objects by %s',
    async (protocol) => {
      const pages = createServer((request, response) => {
        const isBundle = request.url === '/bundle.js';
        response.setHeader('content-type', isBundle ? 'text/javascript' : 'text/html');
        response.end(isBundle ? bundle.code : '<!doctype html><title>page</title>');
      });
      const origin = await listeningOn(pages);
      await using folder = await createTestFolder();
      await using gateway = await startGateway({ flags: ['--allow-origin', origin] });
      const context = await chromium.launchPersistentContext(join(folder.path, 'profile'), {
        executablePath: chromiumProgram as string,
        args: chromiumArguments,
      });
      try {
        const page = await context.newPage();
        await page.goto(origin);
        const seen = await page.evaluate(program(gateway.http, gateway.token(), protocol));
        expect(seen).toEqual({
          texts: '0\n1\n2\n= 42',
          sum: 1,
          error: 'ZeroDivisionError: division by zero',
          sent: 3_000_000,
        });
      } finally {
        await context.close();
        pages.close();
      }
    },
  );
});

/** What the page runs, as text: the test runner would put its own imports into a function. */
const program = (address: string, token: string, protocol: string) => `(async () => {
  const { connect } = await import('/bundle.js');
  const python = await connect(${JSON.stringify({ address, token, protocol })});
  const session = await python.createSession();
  const texts = [];
  for await (const event of session.execute('for i in range(3): print(i)\\n6 * 7')) {
    if (event.type === 'stdout') texts.push(event.text);
    if (event.type === 'result') texts.push('= ' + event.value);
  }
  const half = await session.import('fractions').Fraction(1, 2);
  const error = await session.run('1 / 0').catch((error) => error.type + ': ' + error.message);
  const sent = await session.write(new Uint8Array(3_000_000));
  const answer = { texts: texts.join(''), sum: await half.__add__(half).numerator, error, sent: await sent.$length() };
  await session.close();
  await python.close();
  return answer;
})()`;
