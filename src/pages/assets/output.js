// Where the events of an execution become visible, in their order.
import { bytesOf, plainText, renderRich } from './bundle.js';
import { createTerminalText } from './terminal-text.js';

/** More text than this and the oldest goes, so that an endless loop does not take the browser with it. */
const maxCharacters = 300_000;

/** Shows one execution at a time inside of `root`. */
export function createOutput(root) {
  let texts = [];
  let decoders = {};
  let shownById = new Map();
  let clearsAtNext = false;
  let isCut = false;

  function clear() {
    root.replaceChildren();
    texts = [];
    shownById = new Map();
    clearsAtNext = false;
    isCut = false;
  }

  function add(element) {
    if (clearsAtNext) clear();
    // Who has scrolled up to read is left there.
    const isAtEnd = root.scrollTop + root.clientHeight >= root.scrollHeight - 24;
    root.append(element);
    if (isAtEnd) root.scrollTop = root.scrollHeight;
    return element;
  }

  function block(className, text) {
    const element = document.createElement('pre');
    element.className = className;
    element.textContent = text;
    return add(element);
  }

  function write(stream, bytes) {
    const name = stream === 'OUTPUT_STREAM_STDERR' ? 'stderr' : 'stdout';
    decoders[name] ??= new TextDecoder();
    const text = decoders[name].decode(bytes, { stream: true });
    if (text === '') return;
    if (clearsAtNext) clear();
    const isAtEnd = root.scrollTop + root.clientHeight >= root.scrollHeight - 24;
    let last = texts.at(-1);
    if (last === undefined || last.element !== root.lastChild || last.name !== name) {
      const element = document.createElement('span');
      element.className = name;
      root.append(element);
      last = Object.assign(createTerminalText(element), { name });
      texts.push(last);
    }
    last.write(text);
    cutOldest();
    if (isAtEnd) root.scrollTop = root.scrollHeight;
  }

  function cutOldest() {
    let excess = texts.reduce((total, { length }) => total + length, 0) - maxCharacters;
    if (excess <= 0) return;
    // More than has to be, so that it need not be done with every event.
    excess += maxCharacters / 4;
    while (texts.length > 1 && texts[0].length <= excess) {
      const { element, length } = texts.shift();
      element.remove();
      excess -= length;
    }
    texts[0].cut(excess);
    if (isCut) return;
    isCut = true;
    const note = document.createElement('p');
    note.className = 'notice';
    note.textContent = 'Earlier output is no longer shown here.';
    root.prepend(note);
  }

  function clearOutput({ wait }) {
    if (wait) clearsAtNext = true;
    else clear();
  }

  function display({ bundle, displayId, update }) {
    const element =
      renderRich(bundle) ?? Object.assign(document.createElement('pre'), { textContent: plainText(bundle) });
    const shown = displayId ? shownById.get(displayId) : undefined;
    if (displayId) shownById.set(displayId, element);
    if (update && shown !== undefined) shown.replaceWith(element);
    else if (!update) add(element);
  }

  function result({ value, text, bundle }) {
    const rich = renderRich(bundle);
    if (rich !== undefined) add(rich).classList.add('result');
    else if (text || (value !== undefined && value.none === undefined)) block('result', text);
  }

  return {
    /** Ready for the next execution. */
    begin() {
      clear();
      decoders = {};
    },

    /** What is wrong on this side of the code: a refusal, a broken connection. */
    problem(text) {
      block('problem', text).setAttribute('role', 'alert');
    },

    /** Shows one event, as the Connect protocol brings it. */
    show(event) {
      if (event.output) write(event.output.stream, bytesOf(event.output.data ?? ''));
      else if (event.display) display(event.display);
      else if (event.clearOutput) clearOutput(event.clearOutput);
      else if (event.result) result(event.result);
      else if (event.error) block('error', event.error.traceback || `${event.error.typeName}: ${event.error.message}`);
      else if (event.notice) block('notice', event.notice.message);
      else if (event.dropped) block('notice', `${event.dropped.bytes ?? 0} bytes of output were left out`);
    },
  };
}
