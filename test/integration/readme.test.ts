/** What the README and the guides show is run as it stands there, and prints what they say. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildTimeoutMs, scikitLearnEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { blocksOf, transcriptsOf } from './readme/blocks.ts';
import { isPrinted } from './readme/printed.ts';
import { createShell, isInstalled, type Shell } from './readme/shell.ts';
import { createTestFolder, createTestHome, root, type TestHome } from './setup/test-home.ts';

const guides = readdirSync(join(root, 'docs', 'guides')).map((name) => `docs/guides/${name}`);
const read = (path: string) => readFileSync(join(root, path), 'utf8');

let gateway: TestGateway;
let home: TestHome;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
let shell: Shell;

beforeAll(async () => {
  home = await createTestHome(); // its own environments: the guides make some
  gateway = await startGateway({ home: home.home });
  folder = await createTestFolder();
  shell = createShell(gateway, folder.path);
  symlinkSync(await scikitLearnEnvironment(), join(shell.home, 'science'));
  if (!isInstalled('grpcurl')) console.log('grpcurl is not installed: buf makes its calls');
}, buildTimeoutMs);

afterAll(async () => {
  await gateway?.stop();
  await folder?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

describe('the README', () => {
  // The gateway runs already, set up by the same script.
  const transcripts = transcriptsOf(read('README.md')).filter(({ command }) => !command.text.startsWith('npm '));

  test.each(transcripts.map((transcript) => [transcript.command.line, transcript] as const))(
    'runs as pasted from line %i',
    async (_line, { command, output }) => {
      expectPrinted(await shell.paste(command.text), output?.text);
    },
  );

  test('has first calls with curl, grpcurl, buf, Node and Python', () => {
    const commands = transcripts.map(({ command }) => command.text).join('');
    for (const program of ['curl -s', 'grpcurl', 'buf curl', 'node examples', 'bin/python examples']) {
      expect(commands).toContain(program);
    }
  });

  test('gives an address that carries the token to the page', async () => {
    const command = transcripts.find(({ command }) => command.text.includes('#token='))?.command.text as string;
    expect(await shell.paste(command)).toBe(`${gateway.http}/#token=${gateway.token()}\n`);
  });

  test('shows the examples as they are', () => {
    const shown = { ts: read('examples/node/first-call.ts'), py: read('examples/python/first_call.py') };
    for (const [language, file] of Object.entries(shown)) {
      const blocks = blocksOf(read('README.md')).filter((block) => block.language === language);
      expect(blocks).not.toHaveLength(0);
      for (const { text } of blocks) expect(file).toContain(text);
    }
  });

  test('has fewer than 250 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(250);
  });
});

describe.each(guides)('%s', (path) => {
  const [beginning, ...transcripts] = transcriptsOf(read(path));

  test.each(transcripts.map((transcript) => [transcript.command.line, transcript] as const))(
    'runs as pasted from line %i',
    async (_line, { command, output }) => {
      expectPrinted(await shell.paste(`${beginning?.command.text}\n${command.text}`), output?.text);
    },
  );
});

test('the examples for Python run', async () => {
  const python = '~/.beep-python/admin/bin/python examples/python';
  const loop = await shell.paste(`PYTHONPATH=python ${python}/llm_tool.py`);
  for (const said of [
    '\n3.875\n',
    "NameError: name 'mean' is not defined\n",
    'TIMEOUT: ',
    'EXITED: ',
    '\n332833500\n',
  ]) {
    expect(loop).toContain(said);
  }
  expect(await shell.paste(`PYTHONPATH=python/gen ${python}/stubs.py`)).toBe('the answer: 5050\n');
});

test('the example with curl runs, streams and stops', async () => {
  const printed = await shell.paste(`BEEP_PYTHON_URL=http://127.0.0.1:5678 examples/curl.sh`);
  expect(printed).toContain('"result":5050');
  expect(printed).toContain('"type":"stdout"');
  expect(printed).toContain('"stoppedBy":"INTERRUPT","statePreserved":true');
  expect(printed).toContain('"outcome":"INTERRUPTED"');
});

test.each(['README.md', 'docs/README.md', 'examples/README.md', ...guides])('%s links to what is there', (path) => {
  const targets = [...read(path).matchAll(/\]\(([^)#]+)[^)]*\)|src="([^"]+)"/g)].map((match) => match[1] ?? match[2]);
  const local = targets.filter((target) => !/^https?:/.test(target as string)) as string[];
  const missing = local.filter((target) => !existsSync(join(root, dirname(path), target)));
  expect(local).not.toHaveLength(0);
  expect(missing).toEqual([]);
});

function expectPrinted(printed: string, expected: string | undefined): void {
  if (expected === undefined) expect(printed).not.toBe('');
  // Compared as text where they differ, for a message that shows how.
  else if (!isPrinted(printed, expected)) expect(printed).toBe(expected);
}
