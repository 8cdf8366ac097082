/** What GetHost tells of the listeners, and of how sessions are started. */
import { expect, test } from 'vitest';
import { type Call, decoded, incomingMessage } from '../../../src/call.ts';
import { GetHostRequestSchema, StartMethod } from '../../../src/gen/es/beep/python/v1/host_pb.ts';
import { createHostService } from '../../../src/services/host.ts';
import { createHostChanges } from '../../../src/sessions/host-changes.ts';

interface Template {
  readonly venv?: string;
  readonly preload?: string[];
  readonly spawnReason?: string;
}

/** The answer of a host with these templates. */
async function getHost(templates: readonly Template[]) {
  const whole = templates.map((template) => ({
    pid: 1,
    venv: 'default',
    preload: [],
    spawnReason: '',
    residentBytes: 0n,
    ...template,
  }));
  const service = createHostService(
    {
      version: '1.2.3',
      bootId: 'boot',
      startedAt: new Date(0),
      endpoints: () => ({ http: 'http://h', rpc: 'http://r', pipe: null }),
      defaultRuntimeId: async () => '',
      defaultVenv: 'default',
      maxMessageBytes: 1,
      maxTimeoutMs: 1,
    },
    {
      changes: createHostChanges(),
      figures: {
        workers: () => [],
        mechanisms: () => [],
        stats: async () => [{ workerId: 'w1', stats: { templates: whole } as never }],
      },
      directory: { sessionsOf: () => [] },
      clock: { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel() {} }) },
    },
  );
  const request = incomingMessage(GetHostRequestSchema, { $typeName: 'beep.python.v1.GetHostRequest' });
  const answer = await service.getHost?.(request, { principal: 'ann' } as Call);
  if (answer === undefined) throw new Error('no GetHost');
  return decoded(answer);
}

const spawned = { spawnReason: 'this interpreter has no fork' };
const onLinux = process.platform === 'linux' ? StartMethod.FORK : StartMethod.SPAWN;

test.each<[string, Template[], StartMethod]>([
  ['no template yet', [], onLinux],
  ['one that forks', [{}], StartMethod.FORK],
  ['one that cannot', [spawned], StartMethod.SPAWN],
  ['one of a principal that cannot', [spawned, {}], StartMethod.FORK],
  ['one of another environment that cannot', [{ ...spawned, venv: 'other' }], onLinux],
  ['one with a module that starts threads', [{ ...spawned, preload: ['threads'] }, {}], StartMethod.FORK],
])('%s', async (_, templates, startMethod) => {
  expect((await getHost(templates)).startMethod).toBe(startMethod);
});

test('every listener names what it speaks, and one that was not opened is not there', async () => {
  const { endpoints } = await getHost([]);
  expect(endpoints.map(({ name, protocols }) => [name, protocols])).toEqual([
    ['http', ['connect', 'grpc-web', 'grpc', 'rest', 'original-http']],
    ['rpc', ['grpc', 'original-rpc']],
  ]);
});
