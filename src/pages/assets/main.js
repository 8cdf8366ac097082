// The page: connects, runs what is in the editor, and shows what comes.
import { wantedTypes } from './bundle.js';
import { CallError, serverStream, unary } from './connect.js';
import { createEditor } from './editor.js';
import { examples } from './examples.js';
import { createOutput } from './output.js';
import { createStateLine } from './state-line.js';
import { keepToken, takeToken } from './token.js';

const byId = (id) => document.getElementById(id);
const code = byId('code');
const run = byId('run');
const stop = byId('stop');
const connection = byId('connection');
const tokenForm = byId('token-form');
const tokenField = byId('token');
const tokenProblem = byId('token-problem');
const example = byId('example');

const output = createOutput(byId('output'));
const state = createStateLine({
  outcome: byId('outcome'),
  clock: byId('clock'),
  session: byId('session'),
  facts: byId('facts'),
});
const whereTheTokenIs = 'The token stands in the token file, whose path the gateway printed at start.';

let token = takeToken();
/** What runs, if something does: its id, and how to let go of it. */
let running;

createEditor(code, { onRun: execute });
run.addEventListener('click', execute);
stop.addEventListener('click', interrupt);
for (const { name } of examples) example.add(new Option(name));
example.addEventListener('change', showExample);
tokenForm.addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(tokenField.value.trim());
});
byId('forget').addEventListener('click', () => useToken(''));
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) useToken(takeToken());
});
if (!/Mac|iPhone|iPad/.test(navigator.platform)) byId('run-key').textContent = 'Ctrl ↵';

showExample();
connect();

function showExample() {
  code.value = examples[example.selectedIndex].code;
}

function useToken(next) {
  token = next;
  keepToken(token);
  tokenField.value = '';
  connect();
}

async function connect() {
  connection.dataset.state = 'trying';
  connection.textContent = 'connecting …';
  try {
    const host = await unary('beep.python.v1.HostService/GetHost', {}, { token });
    connection.dataset.state = 'connected';
    connection.textContent = `beep-python ${host.version} on ${host.platform}, as ${host.principal}`;
    tokenForm.hidden = true;
    byId('forget').hidden = token === '';
    if (document.activeElement === document.body) code.focus();
  } catch (error) {
    showLostConnection(error);
  }
}

function showLostConnection(error) {
  connection.dataset.state = 'refused';
  byId('forget').hidden = true;
  if (error.code !== 'unauthenticated') {
    connection.textContent = error.message;
    return;
  }
  connection.textContent = 'not connected';
  tokenProblem.textContent = token === '' ? whereTheTokenIs : `This token is not known here. ${whereTheTokenIs}`;
  tokenForm.hidden = false;
  tokenField.focus();
}

async function execute() {
  if (running !== undefined) return;
  running = { id: randomId(), abort: new AbortController() };
  run.disabled = true;
  stop.disabled = false;
  output.begin();
  state.begin();
  const request = { code: code.value, executionId: running.id, result: { mimeTypes: wantedTypes } };
  let paintedAt = performance.now();
  try {
    const events = serverStream('beep.python.v1.ExecuteService/Execute', request, {
      token,
      signal: running.abort.signal,
    });
    for await (const event of events) {
      state.show(event);
      output.show(event);
      // Output can come faster than it can be painted; Stop has to work all the same.
      if (performance.now() - paintedAt > 50) {
        await new Promise((resolve) => setTimeout(resolve));
        paintedAt = performance.now();
      }
    }
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    state.fail();
    output.problem(error.code === 'unauthenticated' ? `Not allowed in. ${whereTheTokenIs}` : error.message);
    if (error.code === 'unauthenticated') showLostConnection(error);
  } finally {
    running = undefined;
    run.disabled = false;
    stop.disabled = true;
  }
}

async function interrupt() {
  if (running === undefined) return;
  stop.disabled = true;
  try {
    await unary('beep.python.v1.ExecuteService/Interrupt', { itemId: running.id }, { token });
  } catch (error) {
    // It may have ended by itself meanwhile; anything else is worth another try.
    if (running === undefined || error.reason === 'NOTHING_RUNNING') return;
    output.problem(error.message);
    stop.disabled = false;
  }
}

/** As good as a UUID, which browsers make on secure pages only. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
