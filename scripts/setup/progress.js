const stream = process.stderr;
const isTerminal = stream.isTTY === true;
const hasColour = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const paint = (code, text) => (hasColour ? `\x1b[${code}m${text}\x1b[0m` : text);

/** A line of its own, beside the steps. */
export function note(text) {
  clearLine();
  stream.write(`${paint(2, '..')} ${text}\n`);
}

/** Does one piece of work and shows it: that it began, how long it takes, how far it is where it tells, how it ended. */
export async function step(title, work, describe) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  if (isTerminal) stream.write(`${paint(36, '..')} ${title}`);
  else stream.write(`.. ${title}\n`);
  let far = '';
  const ticker = isTerminal
    ? setInterval(() => rewrite(`${paint(36, '..')} ${title} ${far}${paint(2, seconds())}`), 250)
    : undefined;
  try {
    const result = await work((text) => {
      far = `${text} `;
    });
    clearLine();
    stream.write(`${paint(32, 'ok')} ${describe?.(result) ?? title} ${paint(2, `(${seconds()})`)}\n`);
    return result;
  } catch (problem) {
    clearLine();
    stream.write(`${paint(31, '!!')} ${title} ${paint(2, `(${seconds()})`)}\n`);
    throw problem;
  } finally {
    clearInterval(ticker);
  }
}

function rewrite(text) {
  stream.write(`\r\x1b[2K${text}`);
}

function clearLine() {
  if (isTerminal) rewrite('');
}
