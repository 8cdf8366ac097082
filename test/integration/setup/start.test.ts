import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createSharedHome } from '../../support/gateway.ts';
import { until } from '../../support/until.ts';
import { createTestHome, root, sharedAdminFolder } from './test-home.ts';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a home of the test's own, on free ports. */
function beep(home: string, ...args: string[]) {
  const ports = args.includes('start')
    ? ['--http-port', '0', '--rpc-port', '0', '--pipe-name', join(home, 'pipe.sock')]
    : [];
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts'), ...args, ...ports], {
    env: { ...process.env, BEEP_PYTHON_HOME: home, npm_lifecycle_event: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, ...said }));
  const ready = async () => {
    while (!said.stdout.includes('A first call:\n  ') && child.exitCode === null) {
      await Promise.race([once(child.stdout, 'data'), ended]);
    }
    expect(child.exitCode, said.stderr).toBe(null);
    return said.stdout;
  };
  return {
    child,
    ended,
    ready,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function readGatewayFile(home: string) {
  return JSON.parse(readFileSync(join(home, 'run', 'gateway.json'), 'utf8'));
}

test('start says where it is and how to call it, and run/gateway.json says the same', async () => {
  await using made = await createTestHome();
  await using gateway = beep(made.home, 'start');
  const said = await gateway.ready();
  const file = readGatewayFile(made.home);
  const tokenFile = join(made.home, 'token');
  expect(file).toEqual({
    pid: gateway.child.pid,
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    endpoints: {
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
      rpc: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
      pipe: join(made.home, 'pipe.sock'),
    },
    tokenFile,
  });
  for (const place of [file.endpoints.http, file.endpoints.rpc, tokenFile]) expect(said).toContain(place);
  expect(statSync(join(made.home, 'run', 'gateway.json')).mode & 0o777).toBe(0o600);

  gateway.child.kill('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect(code, stderr).toBe(0);
  expect(existsSync(join(made.home, 'run', 'gateway.json'))).toBe(false);
  expect(stdout + stderr, 'the token itself is never shown').not.toContain(readFileSync(tokenFile, 'utf8').trim());
});

test('the first call that it prints works as pasted', async () => {
  await using made = await createSharedHome();
  await using gateway = beep(made.home, 'start', 'Http');
  const call = (await gateway.ready()).split('\n').find((line) => line.startsWith('  curl ')) as string;
  const { stdout } = await promisify(execFile)('sh', ['-c', call]);
  expect(JSON.parse(stdout)).toMatchObject({ stdout: '42\n', outcome: 'OK' });
  expect(readGatewayFile(made.home).endpoints.rpc).toBe(null);
});

test('on all addresses: the first call that it prints, and exec, call one of them', async () => {
  await using made = await createTestHome();
  await using gateway = beep(made.home, 'start', '--host', '0.0.0.0', '--allow-plaintext-bind');
  const call = (await gateway.ready()).split('\n').find((line) => line.startsWith('  curl ')) as string;
  const { stdout } = await promisify(execFile)('sh', ['-c', call]);
  expect(JSON.parse(stdout)).toMatchObject({ stdout: '42\n' });
  expect(await beep(made.home, 'exec', '6 * 7').ended).toMatchObject({ code: 0, stdout: '42\n' });
});

test('a home has one gateway: the second is told which process has it', async () => {
  await using made = await createSharedHome();
  await using first = beep(made.home, 'start', 'Http');
  await first.ready();
  const before = readGatewayFile(made.home);
  await using second = beep(made.home, 'start', 'Http');
  const { code, stderr } = await second.ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`pid ${first.child.pid}`);
  expect(readGatewayFile(made.home)).toEqual(before);
});

test('after it was killed it starts again at once, over the file that it left', async () => {
  await using made = await createSharedHome();
  await using first = beep(made.home, 'start', 'Http');
  await first.ready();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(readGatewayFile(made.home).pid).toBe(first.child.pid);
  await using second = beep(made.home, 'start', 'Http');
  await second.ready();
  expect(readGatewayFile(made.home).pid).toBe(second.child.pid);
});

test('a file of a gateway that is gone, and one that is no JSON, do not matter', async () => {
  await using made = await createSharedHome();
  mkdirSync(join(made.home, 'run'), { recursive: true });
  writeFileSync(join(made.home, 'run', 'gateway.json'), '{"pid":');
  await using gateway = beep(made.home, 'start', 'Http');
  await gateway.ready();
  gateway.child.kill('SIGINT');
  expect((await gateway.ended).code).toBe(0);
});

test('--detach returns when the gateway is ready in the background', async () => {
  await using made = await createSharedHome();
  const { code, stdout } = await beep(made.home, 'start', 'Http', '--detach').ended;
  const { pid, endpoints } = readGatewayFile(made.home);
  try {
    expect(code).toBe(0);
    expect(stdout).toContain(endpoints.http);
    expect(stdout).toContain(`process ${pid}`);
    expect((await fetch(`${endpoints.http}/healthz`)).status).toBe(200);
  } finally {
    process.kill(pid, 'SIGTERM');
  }
  await until('it has ended', () => !existsSync(`/proc/${pid}`));
  expect(existsSync(join(made.home, 'run', 'gateway.json'))).toBe(false);
});

test('--detach that cannot start says why and fails', async () => {
  await using made = await createSharedHome();
  await using first = beep(made.home, 'start', 'Http');
  await first.ready();
  const { code, stderr } = await beep(made.home, 'start', 'Http', '--detach').ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`pid ${first.child.pid}`);
});

test('an environment that is not ours is taken by its path', async () => {
  await using made = await createSharedHome();
  await using gateway = beep(made.home, 'start', 'Http', '--venv', sharedAdminFolder());
  await gateway.ready();
});

test('without the environment asked for it does not start', async () => {
  await using made = await createTestHome();
  const { code, stderr } = await beep(made.home, 'start', 'Http', '--venv', 'nobody').ended;
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'beep-python: no such environment: "nobody"; start without --venv, and make it with: beep-python venv create',
  );
  expect(code).toBe(1);
});

test.each([
  [['start', '--host', '0.0.0.0'], 2, '--allow-plaintext-bind'],
  [['start', '--host', '0.0.0.0', '--allow-plaintext-bind', '--auth', 'none'], 2, '--auth must be token'],
  [['start', '--htp-port', '1'], 2, 'Did you mean --http-port'],
  [['start', 'Grpc'], 2, 'one of All, Http, Rpc, Pipe'],
  [['strat'], 2, 'no such command: strat; nearest: start'],
])('%j is refused', async (args, exitCode, expected) => {
  await using made = await createTestHome();
  const { code, stderr } = await beep(made.home, ...args).ended;
  expect(stderr).toContain(expected);
  expect(code).toBe(exitCode);
});
