/** What takes long: a bar on a terminal, lines elsewhere. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begin, onTerminal } from '../../support/command-line.ts';
import { createSharedHome, startGateway, type TestGateway } from '../../support/gateway.ts';
import { type Answer, type PythonMirror, startPythonMirror } from '../../support/python-mirror.ts';
import type { TestHome } from '../setup/test-home.ts';

let mirror: PythonMirror;
let made: TestHome;
let gateway: TestGateway;
beforeAll(async () => {
  mirror = await startPythonMirror();
  made = await createSharedHome();
  gateway = await startGateway({ home: made.home, flags: ['--python-downloads', mirror.list] });
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await made?.[Symbol.asyncDispose]();
  await mirror?.[Symbol.asyncDispose]();
});

/** Half of the archive, and the rest when told. */
function inTwoHalves(): { readonly answer: Answer; readonly goOn: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    goOn: resolve,
    answer: (response, archive) => {
      const half = archive.length >> 1;
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, half));
      void promise.then(() => response.end(archive.subarray(half)));
    },
  };
}

test('on a terminal a download is a bar that grows, and that is gone when the answer comes', async () => {
  const { answer, goOn } = inTwoHalves();
  mirror.set([{}], answer);
  const terminal = onTerminal(['runtime', 'install', mirror.version], gateway);
  await terminal.until(/\r\x1b\[2K[#.]{24} +(4[0-9]|5[0-9]) % download/);
  goOn();
  await terminal.until(`\r\x1b[2Kinstalled: ${mirror.key}`);
  expect((await terminal.ended).code).toBe(0);
});

test('elsewhere each step is a line on stderr, and stdout is the answer alone', async () => {
  await once(begin(['runtime', 'uninstall', mirror.key], gateway).process, 'exit');
  mirror.set([{}]);
  const { code, stdout, stderr } = await begin(['runtime', 'install', mirror.version], gateway).ended;
  expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^installed: ${mirror.key}.*\n$`))]);
  expect(stderr).toMatch(/^resolve: .*\n(.*\n)*download: .*\n(.*\n)*verify: .*\n$/);
  expect(stdout + stderr).not.toMatch(/[\r\x1b]/);
});

test('a version that nobody offers is refused with the command that lists those that are offered', async () => {
  mirror.set([{}]);
  const { code, stdout, stderr } = await begin(['runtime', 'install', '3.99.1'], gateway).ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    new RegExp(`no such Python runtime: "3\\.99\\.1"; .*${mirror.version}; see: beep-python list --available\n$`),
  );
});
