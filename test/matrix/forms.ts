/** Scenarios: scripts, modules and functions, and what holds for one execution alone. */
import { expect } from 'vitest';
import type { RunRequest } from './client.ts';
import { collect, expectWellFormed, only } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };

/** The scenarios. */
export const forms: Scenarios = {
  'variables, folder and arguments hold for one execution alone': async ({ client, session }) => {
    await using own = await session();
    const sessionId = own.id;
    const look = 'import os, sys\nprint(os.environ.get("A"), os.path.basename(os.getcwd()), sys.argv[1:])';
    await client.run({ sessionId, code: 'import os; os.mkdir("inner")' });
    const rest = { sessionId, env: { A: 'é' }, cwd: 'inner', argv: ['-v', ''] };
    expect((await client.run({ ...rest, code: look })).stdout).toBe("é inner ['-v', '']\n");
    expect((await client.run({ ...rest, code: '1 / 0' })).outcome).toBe('ERROR');
    expect((await client.run({ sessionId, code: look })).stdout).toBe('None work []\n');
  },

  'a script runs as __main__ and leaves the variables of its session alone': async ({ client, session }) => {
    await using own = await session();
    const sessionId = own.id;
    const script = 'import sys\nx = 2\nif __name__ == "__main__":\n    print(sys.argv[1:])\n    {}["y"]\n';
    await client.run({ sessionId, code: `x = 1\nopen("script.py", "w").write(${JSON.stringify(script)})` });
    const events = await collect(client.execute({ sessionId, script: 'script.py', argv: ['a'] }));
    expectWellFormed(events);
    expect(only(events, 'stdout').data.toString()).toBe("['a']\n");
    const { error } = only(events, 'error');
    expect(error.frames).toEqual([
      { file: expect.stringMatching(/\/script\.py$/), line: 5, function: '<module>', source: '{}["y"]' },
    ]);
    expect(error.traceback).not.toContain('beep_session');
    expect((await client.run({ sessionId, code: 'x' })).text).toBe('1');
  },

  'a script that is not there is a FileNotFoundError': async ({ client }) => {
    const { outcome, error } = await client.run({ fresh: true, script: 'gone.py' });
    expect({ outcome, type: error?.type }).toEqual({ outcome: 'ERROR', type: 'FileNotFoundError' });
  },

  'a module runs as python -m': async ({ client }) => {
    const { stdout, stderr, outcome, exitCode } = await client.run({ fresh: true, module: 'json.tool', argv: ['-h'] });
    expect({ stderr, outcome, exitCode }).toEqual({ stderr: '', outcome: 'EXITED', exitCode: 0 });
    expect(stdout).toContain('json.tool');
  },

  'a function is called with exact values, and what it returns is the result': async ({ client, session }) => {
    await using own = await session();
    const sessionId = own.id;
    await client.run({ sessionId, code: 'async def same(*args, **kwargs): return [args, kwargs]' });
    const args = [null, 1.5, 'é', [1, { $tuple: [{ $int: '9007199254740993' }] }], { $float: 'nan' }];
    const { value, outcome } = await client.run({
      sessionId,
      function: 'same',
      args,
      kwargs: { b: { $bytes: 'AA==' } },
    });
    expect(outcome).toBe('OK');
    expect(JSON.parse(value?.text ?? '')).toEqual([{ $tuple: args }, { b: { $bytes: 'AA==' } }]);
    expect((await client.run({ sessionId, function: 'math:sqrt', args: [16] })).text).toBe('4.0');
  },

  'an argument that cannot be converted is refused by its path, and nothing runs': async (stage) => {
    const { client, session } = stage;
    await using own = await session();
    const sessionId = own.id;
    await client.run({ sessionId, code: 'calls = []' });
    const call = client.run({ sessionId, function: 'calls.append', args: [{ x: [0, 1, 2, { $bytes: '?' }] }] });
    const failed = await expectRefused(stage, call, { reason: 'CONVERSION_FAILED', code: 3, http: 422 });
    expect(failed.message).toContain('args[0]["x"][3]');
    expect((await client.run({ sessionId, code: 'calls' })).text).toBe('[]');
  },

  'what cannot hold for one execution is refused before anything runs': async (stage) => {
    const { client } = stage;
    const code = 'raise SystemExit(1)';
    const refused: RunRequest[] = [
      { cwd: 'gone' },
      { cwd: '..' },
      { env: { LD_PRELOAD: 'x' } },
      { env: { PYTHONHASHSEED: '0' } },
    ];
    for (const rest of refused) {
      await expectRefused(stage, client.run({ fresh: true, code, ...rest }), invalid);
    }
    await expectRefused(stage, client.run({ fresh: true, script: '../script.py' }), invalid);
  },
};
