import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addSettings } from '../../src/cli/setting-flags.ts';
import { type StartFlags, startConfig } from '../../src/cli/start-flags.ts';
import { flagOf, settings, variableOf } from '../../src/config.ts';

test('--help tells flag, variable, default and range of every setting', () => {
  const command = new Command('start').configureOutput({ getOutHelpWidth: () => 1000 });
  addSettings(command);
  const help = command.helpInformation();
  for (const [name, setting] of Object.entries(settings)) {
    const line = help.split('\n').find((text) => text.trim().startsWith(`${flagOf(name)} `));
    expect(line, name).toContain(setting.meaning);
    expect(line, name).toContain(`env: ${variableOf(name)}`);
    if (setting.placeholder !== undefined) expect(line, name).toContain(setting.shownDefault);
    if (setting.placeholder === 'number') expect(line, name).toContain(`range: ${setting.range}`);
  }
});

describe('start', () => {
  test.each<[string | undefined, StartFlags, object]>([
    [undefined, {}, { backend: 'All', httpPort: 5678, rpcPort: 50051 }],
    ['Http', {}, { backend: 'Http' }],
    ['http', {}, { backend: 'Http' }],
    ['Rpc', { port: '0' }, { backend: 'Rpc', rpcPort: 0, httpPort: 5678 }],
    ['Http', { port: '81' }, { backend: 'Http', httpPort: 81 }],
    [undefined, { backend: 'Http', port: '81' }, { backend: 'Http', httpPort: 81 }],
    ['Http', { backend: 'http' }, { backend: 'Http' }],
    [undefined, { httpPort: '1', rpcPort: '2' }, { httpPort: 1, rpcPort: 2 }],
  ])('%s %j', (transport, flags, expected) => {
    expect(startConfig(transport, flags, {})).toMatchObject(expected);
  });

  test.each<[string | undefined, StartFlags, string]>([
    ['Grpc', {}, 'one of All, Http, Rpc, Pipe'],
    [undefined, { port: '80' }, '--port belongs to one transport'],
    ['Pipe', { port: '80' }, '--port belongs to one transport'],
    ['Http', { backend: 'Rpc' }, 'two transports'],
    ['Http', { port: '80', httpPort: '81' }, 'two ports'],
    ['Http', { port: 'eighty' }, '--port cannot be "eighty"'],
  ])('%s %j is refused', (transport, flags, message) => {
    expect(() => startConfig(transport, flags, {})).toThrow(message);
  });
});
