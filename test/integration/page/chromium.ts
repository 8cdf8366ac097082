/** The browser of the tests: Chromium, as the system has it, with a profile of its own. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { createTestFolder } from '../setup/test-home.ts';

/** Nothing that a test does not need: no sandbox of its own (the tests may run as root), no traffic of its own. */
const chromiumArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const program = chromiumPath();

/** Whether there is one; tests of pages are skipped where there is none, which is said. */
export const hasChromium = program !== undefined;
if (!hasChromium) console.log('skipped: pages need Chromium, and neither chromium nor chromium-browser is on the PATH');

/** A browser that runs. Whoever starts it disposes of it. */
export interface Chromium extends AsyncDisposable {
  readonly browser: BrowserContext;
}

/** How it differs. */
export interface ChromiumOptions {
  /** How long the page may take for what it is asked. */
  readonly timeoutMs: number;
  readonly flags?: readonly string[];
}

/** Starts it. */
export async function startChromium({ timeoutMs, flags = [] }: ChromiumOptions): Promise<Chromium> {
  const folder = await createTestFolder();
  try {
    const browser = await chromium.launchPersistentContext(join(folder.path, 'profile'), {
      executablePath: program as string,
      args: [...chromiumArguments, ...flags],
    });
    browser.setDefaultTimeout(timeoutMs);
    return {
      browser,
      async [Symbol.asyncDispose]() {
        await browser.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

function chromiumPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['chromium', 'chromium-browser'].flatMap((name) => folders.map((folder) => join(folder, name))).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
