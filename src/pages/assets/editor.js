// What a text area lacks for writing Python: Tab, indentation that goes on, and a key to run.

const indent = '    ';

/** Makes a text area fit for code. Escape lets the next Tab leave it, so that nobody is caught in it. */
export function createEditor(area, { onRun }) {
  let tabLeaves = false;

  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    } else if (event.key === 'Tab' && !tabLeaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      if (event.shiftKey) changeLines(area, (line) => line.replace(/^ {1,4}/, ''));
      else if (selected(area).includes('\n')) changeLines(area, (line) => (line === '' ? line : indent + line));
      else insert(area, indent.slice(column(area) % indent.length));
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      insert(area, `\n${nextIndent(area)}`);
    }
    if (event.key !== 'Shift') tabLeaves = event.key === 'Escape';
  });
  area.addEventListener('blur', () => {
    tabLeaves = false;
  });
}

/** As the browser's own typing, so that it can be undone. */
function insert(area, text) {
  const done = text === '' ? document.execCommand('delete') : document.execCommand('insertText', false, text);
  if (!done) area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
}

function selected(area) {
  return area.value.slice(area.selectionStart, area.selectionEnd);
}

function lineStart(area) {
  return area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
}

function column(area) {
  return area.selectionStart - lineStart(area);
}

function nextIndent(area) {
  const line = area.value.slice(lineStart(area), area.selectionStart);
  const [current] = /^ */.exec(line);
  return /:\s*(#.*)?$/.test(line) ? current + indent : current;
}

/** Changes every line that the selection touches, and keeps them selected. */
function changeLines(area, change) {
  const start = lineStart(area);
  const wasRange = area.selectionStart !== area.selectionEnd;
  const last = Math.max(start, area.selectionEnd - (wasRange && area.value[area.selectionEnd - 1] === '\n' ? 1 : 0));
  const next = area.value.indexOf('\n', last);
  const end = next < 0 ? area.value.length : next;
  const before = area.value.slice(start, end);
  const after = before.split('\n').map(change).join('\n');
  if (after === before) return;
  area.setSelectionRange(start, end);
  insert(area, after);
  area.setSelectionRange(wasRange ? start : start + after.length, start + after.length);
}
