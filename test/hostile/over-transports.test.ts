/** Bad input over every transport: each time an answer that says why, and a gateway that goes on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { collect } from '../matrix/follow.ts';
import { expectRefused } from '../matrix/refused.ts';
import { createStage, type Scenarios } from '../matrix/stage.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const maxMessageBytes = 64 * 1024;
const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
const tooLarge = { reason: 'MESSAGE_TOO_LARGE', code: 8, http: 413 };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ flags: ['--max-message-bytes', String(maxMessageBytes)] });
});
afterAll(() => gateway.stop());

const scenarios: Scenarios = {
  'a token that is not ours': async (stage) => {
    const stranger = transports[stage.transport]({ ...gateway, token: 'x'.repeat(43) });
    const expected = { reason: 'UNAUTHENTICATED', code: 16, http: 401 };
    try {
      await expectRefused(stage, stranger.run({ code: '1' }), expected);
      await expectRefused(stage, collect(stranger.execute({ code: '1' })), expected);
      await expectRefused(stage, stranger.listSessions(), expected);
    } finally {
      stranger.close();
    }
  },
  'code with a NUL in it': async (stage) => {
    const error = await expectRefused(stage, stage.client.run({ code: 'print(1)\0' }), invalid);
    expect(error.message).toContain('code');
  },
  'code above the message limit': async (stage) => {
    const code = `#${'x'.repeat(maxMessageBytes)}`;
    const error = await expectRefused(stage, stage.client.run({ code }), tooLarge);
    expect(error.message).toContain(String(maxMessageBytes));
    await expectRefused(stage, collect(stage.client.execute({ code })), tooLarge);
  },
  'much more than the message limit': async (stage) => {
    // With more than this on its way out, Node's own HTTP/2 client takes no answer in.
    await expectRefused(stage, stage.client.run({ code: 'x'.repeat(8 * 1024 * 1024) }), tooLarge);
  },
  'a timeout that is negative, or longer than a year': async (stage) => {
    for (const timeoutSeconds of [-1, -0.001, 366 * 86_400]) {
      await expectRefused(stage, stage.client.run({ code: '1', timeoutSeconds }), invalid);
    }
  },
  'ids that cannot be ids': async (stage) => {
    for (const id of ['with space', '\n', '../../etc/passwd', 'x'.repeat(1000), '\u{1f40d}']) {
      await expectRefused(stage, stage.client.run({ code: '1', executionId: id }), invalid);
      await expectRefused(stage, stage.client.run({ code: '1', sessionId: id }), invalid);
      await expectRefused(stage, collect(stage.client.execute({ code: '1', sessionId: id })), invalid);
    }
  },
  'an environment that is not there, or has a name that cannot be': async (stage) => {
    const missing = { reason: 'VENV_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, stage.client.run({ code: '1', venv: 'nobody' }), missing);
    await expectRefused(stage, stage.client.run({ code: '1', venv: '/no/such/folder' }), missing);
    const badName = { reason: 'VENV_NAME_INVALID', code: 3, http: 400 };
    for (const venv of ['../default', 'a/b', '.', 'a\nb']) {
      await expectRefused(stage, stage.client.run({ code: '1', venv }), badName);
    }
  },
  'an environment whose interpreter is none': async (stage) => {
    const broken = { reason: 'VENV_BROKEN', code: 9, http: 409 };
    await expectRefused(stage, stage.client.run({ code: '1', venv: '/' }), broken);
  },
};

describe.each(Object.keys(transports) as TransportName[])('%s', (transport) => {
  test.each(Object.entries(scenarios))('%s', async (_, play) => {
    await using folder = await createTestFolder();
    const stage = createStage(gateway, transport, folder.path);
    try {
      await play(stage);
      expect(await stage.client.run({ code: '6 * 7' })).toMatchObject({ outcome: 'OK', value: { text: '42' } });
    } finally {
      stage.close();
    }
  });
});
