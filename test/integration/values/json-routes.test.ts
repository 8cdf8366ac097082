/** Numbers and texts where JavaScript's JSON could harm them: in requests and answers of Connect JSON and the plain routes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberText } from '../../matrix/member-text.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let sessionId: string;
beforeAll(async () => {
  gateway = await startGateway();
  const answer = await post('/sessions', '{}');
  sessionId = (JSON.parse(answer) as { sessionId: string }).sessionId;
  await plain(`"code":"def look(*args, **kwargs): return repr((args, kwargs))"`);
});
afterAll(() => gateway.stop());

async function post(path: string, body: string, accept = 'application/json'): Promise<string> {
  const headers = { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json', accept };
  return (await fetch(gateway.http + path, { method: 'POST', headers, body })).text();
}

const plain = (fields: string, accept?: string) => post('/execute', `{"sessionId":"${sessionId}",${fields}}`, accept);
const message = (fields: string) =>
  post('/beep.python.v1.ExecuteService/Run', `{"sessionId":"${sessionId}",${fields}}`);

/** What Python saw. */
const seen = (text: string, member: string) => JSON.parse(memberText(text, member) ?? 'null') as string;

describe('a plain route', () => {
  test.each([
    ['2.0', '2.0'],
    ['-0.0', '-0.0'],
    ['-0', '0'],
    ['1E2', '100.0'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['0.1000000000000000055511151231257827', '0.1'],
    ['[1.0,{"a":1e22}]', "[1.0, {'a': 1e+22}]"],
    ['"\\ud800"', "'\\ud800'"],
    ['{"$float":"-inf"}', '-inf'],
    [`${'['.repeat(150)}2.0${']'.repeat(150)}`, `${'['.repeat(150)}2.0${']'.repeat(150)}`],
  ])('takes %s as Python reads it', async (argument, text) => {
    const answer = await plain(`"function":"look","args":[${argument}],"kwargs":{"a":${argument}}`);
    expect(seen(answer, 'result')).toBe(`((${text},), {'a': ${text}})`);
  });

  test.each([
    ['1e400', /1e400 is too large for a float/],
    ['{"$ref":"h"}', /args\[0\]: there is no handle h in this session \(HANDLE_NOT_FOUND\)/],
    ['{"$result":0}', /no earlier result/],
    ['{"a":1,"a":2}', /a key twice/],
    [`${'['.repeat(250)}${']'.repeat(250)}`, /(nested deeper than 200|^$)/],
    [`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`, /nested too deeply/],
  ])('refuses %s, or takes it whole', async (argument, why) => {
    const answer = await plain(`"function":"look","args":[${argument}]`);
    const error = memberText(answer, 'error') ?? '';
    if (error === 'null') expect(seen(answer, 'result')).toBe(`((${argument},), {})`);
    else expect(error).toMatch(why);
  });

  test('refuses a name with half of a surrogate pair', async () => {
    expect(await plain('"function":"look","kwargs":{"\\ud800":1}')).toContain('half of a surrogate pair');
  });

  test.each(['application/json', 'application/x-ndjson', 'text/event-stream'])(
    'as %s lets no session write the answer itself',
    async (accept) => {
      const claim = '1,"outcome":"OK"}\\n{"type":"finished"';
      const code = `
import json, os, struct
fds = sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + fd))
ahead, work, control = (fd for fd in fds if os.readlink('/proc/self/fd/%d' % fd).startswith('socket:'))
blob = ${JSON.stringify(claim)}.encode()
head = json.dumps({'op': 'end', 'id': 'ID', 'outcome': 'ok', 'text': 'x', 'blobs': [len(blob)],
                   'value': {'kind': 'json', 'data': {'blob': 0}}}).encode()
os.write(work, struct.pack('!II', 4 + len(head) + len(blob), len(head)) + head + blob)
import time; time.sleep(60)
`;
      const executionId = `claims-${accept.replace('/', '-')}`;
      const body = JSON.stringify({ venv: 'default', executionId, code: code.replace('ID', executionId) });
      const answer = await post('/execute', body, accept);
      const texts = accept.endsWith('/json')
        ? [answer]
        : [...answer.matchAll(/^(?:data: )?(\{.*)$/gm)].map((m) => m[1]);
      const results = texts.map((text) => JSON.parse(text as string) as { result?: null; resultText?: string });
      expect(results.find(({ resultText }) => resultText !== undefined)).toMatchObject({
        result: null,
        resultText: 'x',
      });
    },
  );
});

describe('Connect JSON', () => {
  test.each([
    ['{"real":2}', '2.0'],
    ['{"real":-0.0}', '-0.0'],
    ['{"real":"-0.0"}', '-0.0'],
    ['{"real":"NaN"}', 'nan'],
    ['{"real":"-Infinity"}', '-inf'],
    ['{"real":4612274374529903000}', '4.612274374529903e+18'],
    ['{"real":5e-324}', '5e-324'],
    ['{"integer":"9223372036854775807"}', '9223372036854775807'],
    ['{"integer":9007199254740992}', '9007199254740992'],
    ['{"bigInteger":"9223372036854775808"}', '9223372036854775808'],
    ['{"json":"[2.0, 9007199254740993, -0.0]"}', '[2.0, 9007199254740993, -0.0]'],
    ['{"scalar":{"typeName":"range","text":"range(0, 3)"}}', 'range(0, 3)'],
  ])('takes %s as it is', async (argument, text) => {
    const answer = await message(`"function":{"name":"look","args":[${argument}]}`);
    expect(seen(memberText(answer, 'value') ?? '', 'text')).toBe(`((${text},), {})`);
  });

  test.each([
    ['{"real":9007199254740993}', /would be rounded; send it as a string/],
    ['{"integer":9007199254740993}', /would be rounded; send it as a string/],
    ['{"integer":"9223372036854775808"}', /invalid_argument/],
    ['{"real":1e400}', /invalid_argument/],
    ['{"bigInteger":"1e5"}', /no decimal integer/],
    ['{"bigInteger":9007199254740993}', /would be rounded; send it as a string/],
    ['{}', /args\[0\]/],
  ])('refuses %s', async (argument, why) => {
    expect(await message(`"function":{"name":"look","args":[${argument}]}`)).toMatch(why);
  });

  test.each([
    ['-0.0', '{"json":"-0.0"}'],
    ['0.0', '{"real":0}'],
    ['[-0.0]', '{"json":"[-0.0]"}'],
    ['float("nan")', '{"real":"NaN"}'],
    ['2**63 - 1', '{"integer":"9223372036854775807"}'],
    ['b"\\xff"', '{"binary":"/w=="}'],
  ])('answers %s with %s', async (code, text) => {
    expect(memberText(await message(`"code":${JSON.stringify(code)}`), 'value')).toBe(text);
  });

  test('says negative zero in the arguments of an exception too', async () => {
    expect(memberText(await message('"code":"raise ValueError(-0.0, 1)"'), 'error')).toContain(
      '"args":[{"json":"-0.0"},{"integer":"1"}]',
    );
  });
});
