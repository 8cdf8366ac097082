/** Options that nobody reads: told with the name that was meant, before anything is sent. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as browser from '../../src/client/browser.ts';
import { connect, type Gateway } from '../../src/client/node.ts';
import { listeningOn } from '../support/listening.ts';

/** Counts who comes: nobody may. */
let visits = 0;
const server = createServer((socket) => {
  visits++;
  socket.destroy();
});
let python: Gateway;

beforeAll(async () => {
  python = await connect({ address: await listeningOn(server), token: 'x', reconnectTimeoutMs: 0 });
});
afterAll(async () => {
  await python?.close();
  server.close();
});

/** As a program in JavaScript has them, or an older one. */
const wrong = (options: object) => options as never;

const calls: readonly (readonly [string, () => unknown, string])[] = [
  [
    'run',
    () => python.run('1', wrong({ timeout: 5 })),
    'an execution has no option "timeout"; did you mean timeoutMs?',
  ],
  ['execute', () => python.execute('1', wrong({ timeoutMS: 5 })), '"timeoutMS"; did you mean timeoutMs?'],
  ['run result', () => python.run('1', { result: wrong({ inline: 1 }) }), '"inline"; did you mean maxInlineBytes?'],
  ['run in fresh', () => python.fresh().run('1', wrong({ maxOutput: 1 })), 'did you mean maxOutputBytes?'],
  ['run null', () => python.run('1', wrong(null as never)), 'the options of an execution are no object'],
  ['run text', () => python.run('1', 'x' as never), 'the options of an execution are no object'],
  ['function', () => python.run(wrong({ function: 'len', arguments: [] })), 'a function has no option "arguments"'],
  ['run number', () => python.run(wrong(5 as never)), 'nothing to run: number; it is code as text, or { script }'],
  ['run nothing', () => python.run(wrong(undefined as never)), 'nothing to run: undefined; it is code'],
  ['run null source', () => python.run(wrong(null as never)), 'nothing to run: null; it is code'],
  ['run array', () => python.run(wrong(['1'])), 'nothing to run: an array; it is code'],
  ['execute number', () => python.execute(wrong(5 as never)), 'nothing to run: number; it is code'],
  ['run in fresh number', () => python.fresh().run(wrong(5 as never)), 'nothing to run: number; it is code'],
  ['run empty', () => python.run(wrong({})), 'nothing to run: an object without any of them; it is code'],
  ['run kind', () => python.run(wrong({ scrpt: 'x' })), 'what is run has no option "scrpt"; did you mean script?'],
  ['run code', () => python.run(wrong({ code: '1' })), 'no option "code"; it has function, module, script'],
  ['run two kinds', () => python.run(wrong({ script: 'x', module: 'y' })), 'a script has no option "module"'],
  ['script number', () => python.run(wrong({ script: 5 })), 'script is no text: number'],
  ['module null', () => python.run(wrong({ module: null })), 'module is no text: null'],
  ['function function', () => python.run(wrong({ function: () => 1 })), 'function is no text: function'],
  ['function args', () => python.run(wrong({ function: 'len', args: 'abc' })), 'args is no array'],
  ['function kwargs', () => python.run(wrong({ function: 'len', kwargs: 5 })), 'kwargs is no object'],
  ['script argv', () => python.run(wrong({ script: 'x', argv: '-v' })), 'argv is no array'],
  ['code argv', () => python.run('1', wrong({ argv: [5] })), 'argv[0] is no text: number'],
  ['script', () => python.run(wrong({ script: 'x', args: [] })), '"args"; did you mean argv?'],
  ['fresh', () => python.fresh(wrong({ env_vars: {} })), 'a session has no option "env_vars"; did you mean env?'],
  ['createSession', () => python.createSession(wrong({ cpus: 1 })), 'it has closeOnDeath, cwd, env, idleTimeoutMs, is'],
  ['limits', () => python.createSession({ limits: wrong({ memory: 1 }) }), '"memory"; did you mean memoryBytes?'],
  ['listSessions', () => python.listSessions(wrong({ label: {} })).next(), '"label"; did you mean labels?'],
  [
    'attach',
    () => python.attach('x', wrong({ fromSec: 1 })),
    'attach() has no option "fromSec"; did you mean fromSeq?',
  ],
  ['$value', () => python.defaultSession.get('x').$value(wrong({ lennient: true })), 'did you mean lenient?'],
  ['$handle', () => python.defaultSession.get('x').$handle(wrong({ sginal: 1 })), 'did you mean signal?'],
  ['$items', () => python.defaultSession.get('x').$items(wrong({ page: 1 })), 'did you mean pageSize?'],
  ['$readArray', () => python.defaultSession.get('x').$readArray(wrong({ progress: 1 })), 'did you mean onProgress?'],
  ['set', () => python.defaultSession.set('x', 1, wrong({ timeout: 1 })), 'set() has no option "timeout"; did you'],
  [
    'write',
    () => python.session('x').write(Int8Array.of(1), wrong({ name: 'x' })),
    'it has assignTo, onProgress, signal',
  ],
  ['interrupt', () => python.session('x').interrupt(wrong({ grace: 1 })), 'did you mean graceMs?'],
  ['connect', () => connect(wrong({ adress: 'http://x' })), 'connect() has no option "adress"; did you mean address?'],
  ['connect in a page', () => browser.connect(wrong({ address: 'http://x', home: '/' })), '"home"; it has address, on'],
];

const connects: readonly (readonly [string, object, string])[] = [
  ['another scheme', { address: 'ftp://x' }, 'address is no URL of a gateway: "ftp://x"; it looks like "http://127'],
  ['nothing', { address: '' }, 'address is no URL of a gateway: ""; it looks like'],
  ['blanks', { address: ' ' }, 'address is no URL of a gateway: ""'],
  ['a number', { address: 5678 }, 'address is no URL of a gateway: number'],
  ['null', { address: null }, 'address is no URL of a gateway: object'],
  ['a port out of range', { address: 'localhost:70000' }, '"http://127.0.0.1:5678"'],
  ['no host', { address: 'http://' }, 'address is no URL of a gateway: "http://"'],
  ['a path', { address: '/run' }, 'address is no URL of a gateway: "/run"'],
  ['a query', { address: 'http://x?token=1' }, 'address is no URL'],
  ['a password, which is not told', { address: 'http://me:secret@x' }, 'no URL of a gateway: "http://…@x"'],
  ['a protocol', { address: 'x', protocol: 'grpcweb' }, 'protocol cannot be "grpcweb"; did you mean "grpc-web"?'],
  ['a protocol like none', { address: 'x', protocol: 'soap-envelope' }, 'protocol cannot be "soap-envelope"; there is'],
];

test.each(connects)('connect refuses %s, and says what it takes', async (_, options, said) => {
  for (const refused of [connect(wrong(options)), browser.connect(wrong(options))]) {
    await expect(refused).rejects.toBeInstanceOf(TypeError);
    await expect(refused).rejects.toThrow(said);
  }
});

test('connect refuses a version of HTTP that it does not speak', async () => {
  const options = { address: 'x', protocol: 'connect' };
  await expect(connect(wrong({ ...options, httpVersion: '3' }))).rejects.toThrow('httpVersion cannot be "3"; did you');
  await expect(connect(wrong({ ...options, httpVersion: 2 }))).rejects.toThrow('cannot be 2; did you mean "2"?');
});

test('an address without a scheme is taken as http', async () => {
  for (const open of [connect, browser.connect]) {
    for (const [address, taken] of [
      ['localhost:5678', 'http://localhost:5678'],
      ['127.0.0.1:5678', 'http://127.0.0.1:5678'],
      [' [::1]:5678 ', 'http://[::1]:5678'],
      ['gateway', 'http://gateway'],
      ['HTTPS://gateway/behind', 'HTTPS://gateway/behind'],
    ]) {
      await using python = await open({ address, token: 'x' });
      expect(python.address).toBe(taken);
    }
  }
});

test.each(calls)('%s refuses a name that it does not have, and sends nothing', async (_, call, said) => {
  const refused = (async () => await call())();
  await expect(refused).rejects.toBeInstanceOf(TypeError);
  await expect(refused).rejects.toThrow(said);
  expect(visits).toBe(0);
});
