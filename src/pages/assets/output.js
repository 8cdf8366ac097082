// Where the events of an execution become visible, in their order.
import { bytesOf, plainText, renderRich } from './bundle.js';
import { createTerminalText } from './terminal-text.js';

/** More text than this and the oldest goes, so that an endless loop does not take the browser with it. */
const maxCharacters = 100_000;
/** Laying out costs more than everything else, so text is put in its place this often, and not with every event. */
const paintEveryMs = 40;

/** Shows one execution at a time inside of `root`. */
export function createOutput(root) {
  let decoders = {};
  let waiting = [];
  let texts = [];
  let shownById = new Map();
  let warnings = [];
  let clearsAtNext = false;
  let timer;
  let lastPaintMs = 0;

  function clear() {
    waiting = [];
    texts = [];
    shownById = new Map();
    clearsAtNext = false;
    root.replaceChildren();
  }

  function write(name, bytes) {
    decoders[name] ??= new TextDecoder();
    waiting.push({ name, text: decoders[name].decode(bytes, { stream: true }) });
    if (dropOldest(waiting)) noteCut();
    timer ??= setTimeout(paint, Math.max(paintEveryMs, 2 * lastPaintMs));
  }

  /** Puts the text that waits in its place. */
  function paint() {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const pieces = waiting;
    const beganAt = performance.now();
    keepingEndInSight(() => {
      if (clearsAtNext) clear();
      for (const { name, text } of pieces) textOf(name).write(text);
      cutTexts();
    });
    lastPaintMs = performance.now() - beganAt;
    waiting = [];
  }

  function textOf(name) {
    const last = texts.at(-1);
    if (last?.name === name && last.element === root.lastChild) return last;
    const element = root.appendChild(document.createElement('span'));
    element.className = name;
    texts.push({ name, ...createTerminalText(element) });
    return texts.at(-1);
  }

  function cutTexts() {
    let excess = texts.reduce((sum, text) => sum + text.length(), 0) - maxCharacters;
    if (excess <= 0) return;
    noteCut();
    while (texts.length > 1 && texts[0].length() <= excess) {
      const [oldest] = texts.splice(0, 1);
      excess -= oldest.length();
      oldest.element.remove();
    }
    texts[0].cut(excess);
  }

  function noteCut() {
    if (root.firstChild?.className === 'notice cut') return;
    const note = Object.assign(document.createElement('p'), { className: 'notice cut' });
    note.textContent = 'Earlier output is no longer shown here.';
    root.prepend(note);
  }

  function add(element) {
    paint();
    keepingEndInSight(() => {
      if (clearsAtNext) clear();
      root.append(element);
    });
  }

  /** Who has scrolled up to read is left there. */
  function keepingEndInSight(change) {
    const isAtEnd = root.scrollTop + root.clientHeight >= root.scrollHeight - 24;
    change();
    if (isAtEnd) root.scrollTop = root.scrollHeight;
  }

  function block(className, text) {
    const element = Object.assign(document.createElement('pre'), { className, textContent: text });
    if (className === 'problem') element.setAttribute('role', 'alert');
    add(element);
  }

  function display({ bundle, displayId, update }) {
    const element =
      renderRich(bundle) ?? Object.assign(document.createElement('pre'), { textContent: plainText(bundle) });
    const shown = displayId ? shownById.get(displayId) : undefined;
    if (update && shown !== undefined) shown.replaceWith(element);
    else if (!update) add(element);
    if (displayId) shownById.set(displayId, element);
  }

  function clearOutput({ wait }) {
    paint();
    if (wait) clearsAtNext = true;
    else clear();
  }

  function result({ text, bundle }) {
    const rich = renderRich(bundle);
    if (rich !== undefined) add(rich);
    else if (text) block('result', text);
  }

  function showWarnings(event) {
    // That a result has no exact value is of no interest here: its text and its renderings are shown.
    if (event.result && event.result.value === undefined) warnings.shift();
    for (const text of warnings.splice(0)) block('notice', text);
  }

  return {
    /** Ready for the next execution. */
    begin() {
      clear();
      decoders = {};
      warnings = [];
    },

    /** What went wrong on this side of the code: a refusal, a broken connection. */
    problem: (text) => block('problem', text),

    /** Shows one event, as the Connect protocol brings it. */
    show(event) {
      if (event.notice?.kind === 'NOTICE_KIND_WARNING') return warnings.push(event.notice.message);
      showWarnings(event);
      if (event.output) {
        write(event.output.stream === 'OUTPUT_STREAM_STDERR' ? 'stderr' : 'stdout', bytesOf(event.output.data ?? ''));
      } else if (event.display) display(event.display);
      else if (event.clearOutput) clearOutput(event.clearOutput);
      else if (event.result) result(event.result);
      else if (event.error) block('error', event.error.traceback || `${event.error.typeName}: ${event.error.message}`);
      else if (event.notice) block('notice', event.notice.message);
      else if (event.dropped) block('notice', `${event.dropped.bytes ?? 0} bytes of output were left out`);
      else if (event.finished) paint();
    },
  };
}

/** Takes pieces from the front until the rest fits; the last one stays. True when one was taken. */
function dropOldest(pieces) {
  let excess = pieces.reduce((sum, { text }) => sum + text.length, 0) - maxCharacters;
  const before = pieces.length;
  while (excess > 0 && pieces.length > 1) excess -= pieces.shift().text.length;
  return pieces.length < before;
}
