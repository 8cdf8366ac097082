// Text of one stream as a terminal shows it: a carriage return goes back to the beginning of the line.

/** A piece of text that grows at its end; all of it is in `element`. */
export function createTerminalText(element) {
  const finished = element.appendChild(document.createTextNode(''));
  const current = element.appendChild(document.createTextNode(''));
  let line = '';
  let returned = false;

  return {
    element,

    length: () => finished.length + current.length,

    write(text) {
      let lines = '';
      for (const piece of text.split(/([\r\n])/)) {
        if (piece === '\n') {
          lines += `${line}\n`;
          line = '';
          returned = false;
        } else if (piece === '\r') {
          returned = true;
        } else if (piece !== '') {
          line = returned ? piece + line.slice(piece.length) : line + piece;
          returned = false;
        }
      }
      if (lines !== '') finished.appendData(lines);
      current.data = line;
    },

    /** Forgets the first so many characters of the lines that are finished. */
    cut(count) {
      finished.deleteData(0, Math.min(count, finished.length));
    },
  };
}
