/** Who listens on a port, as a person knows it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { calledAs, portHolder } from '../../src/cli/port-holder.ts';

test.each<[readonly string[], string]>([
  [['/usr/bin/node', '/opt/beep-python/src/main.ts', 'start', '--http-port', '1'], 'beep-python start'],
  [['node', '/usr/lib/beep-python/dist/main.js', '--home', '/x', 'serve'], 'beep-python serve'],
  [['node', '/usr/bin/beep-python', 'run'], 'beep-python run'],
  [['node', process.argv[1] as string, 'start'], 'beep-python start'],
  [['node', '/srv/src/main.ts', 'start'], 'node /srv/src/main.ts start'],
  [['/usr/bin/python3', '-m', 'http.server', '8000', 'secret'], 'python3 -m http.server'],
  [['sh', '-c', 'evil\x1b[2J\n'], 'sh -c evil [2J'],
  [['x'.repeat(500)], 'x'.repeat(80)],
  [[], 'of this user'],
])('%j is %s', (words, expected) => {
  expect(calledAs(words)).toBe(expected);
});

test('a process that listens is found by its port, with its command line', async () => {
  const code =
    "require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = await once(child.stdout, 'data');
    expect(portHolder(Number(port))).toContain(`process ${child.pid} (node -e require`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
