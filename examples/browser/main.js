// Runs code from a page, shows its output as it comes, and its figures. Where the gateway is and its token stand in the
// page's address: index.html#gateway=http://127.0.0.1:5678&token=...
import { connect } from 'beep-python/client';

const settings = new URLSearchParams(location.hash.slice(1));
const python = await connect({
  address: settings.get('gateway') ?? undefined,
  token: settings.get('token') ?? undefined,
});
const session = await python.createSession({ venv: settings.get('venv') ?? '' });

const find = (selector) => document.querySelector(selector);
const text = find('#text');
const figures = find('#figures');
const outcome = find('#outcome');
let leaving = new AbortController();

find('#stop').addEventListener('click', () => leaving.abort());

find('form').addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  text.replaceChildren();
  figures.replaceChildren();
  outcome.textContent = 'runs';
  leaving = new AbortController();
  try {
    for await (const event of session.execute(find('#code').value, { signal: leaving.signal })) {
      if (event.type === 'stdout') text.append(event.text);
      if (event.type === 'stderr') show(event.text);
      if (event.type === 'error') show(event.error.traceback);
      if (event.type === 'result') text.append(`${event.text}\n`);
      if (event.type === 'display') figure(event.data['image/png']);
      if (event.type === 'finished') outcome.textContent = event.outcome;
    }
  } catch (error) {
    outcome.textContent = leaving.signal.aborted ? 'stopped' : String(error);
  }
});

function show(message) {
  const line = document.createElement('span');
  line.className = 'error';
  line.append(message);
  text.append(line);
}

function figure(png) {
  if (!(png instanceof Uint8Array)) return;
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([png], { type: 'image/png' }));
  figures.append(image);
}
