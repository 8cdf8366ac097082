// Runs code on this machine's gateway: once for the answer, once for the output as it comes.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';

const home = process.env.BEEP_PYTHON_HOME ?? join(homedir(), '.beep-python');
const { endpoints, tokenFile } = JSON.parse(readFileSync(join(home, 'run', 'gateway.json'), 'utf8'));
const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
const python = createClient(ExecuteService, createConnectTransport({ baseUrl: endpoints.http, httpVersion: '1.1' }));

const { text } = await python.run({ source: { case: 'code', value: 'sum(range(101))' } }, { headers });
console.log('the answer:', text);

const code = `import time
for i in range(3):
    print("line", i)
    time.sleep(0.2)`;
for await (const { body } of python.execute({ source: { case: 'code', value: code } }, { headers })) {
  if (body.case === 'output') process.stdout.write(body.value.data);
  if (body.case === 'error') console.error(body.value.traceback);
}
