// Renderings of one object by MIME type: the richest that can be shown without running anything of it.

/** What is asked for with a result, best first. */
export const wantedTypes = ['text/html', 'image/svg+xml', 'image/png', 'image/jpeg'];

const renderers = { 'text/html': html, 'image/svg+xml': image, 'image/png': image, 'image/jpeg': image };

/** An element that shows the bundle; undefined where there is nothing beyond plain text, or nothing at all. */
export function renderRich(bundle) {
  const parts = bundle?.parts ?? {};
  const type = wantedTypes.find((wanted) => parts[wanted]?.text !== undefined || parts[wanted]?.data !== undefined);
  return type && renderers[type](parts[type], type, plainText(bundle));
}

/** The text of a bundle, for those who see no figure, and where there is none. */
export function plainText(bundle) {
  const parts = bundle?.parts ?? {};
  const other = Object.keys(parts).find((type) => parts[type].text !== undefined);
  return parts['text/plain']?.text ?? (other === undefined ? `(${Object.keys(parts).join(', ')})` : parts[other].text);
}

/** As an image a drawing can neither run scripts nor load anything. */
function image(part, type, text) {
  const figure = document.createElement('img');
  figure.alt = text;
  figure.className = 'figure';
  figure.src =
    part.data === undefined
      ? `data:${type};charset=utf-8,${encodeURIComponent(withNamespace(part.text))}`
      : `data:${type};base64,${part.data}`;
  return figure;
}

/** Drawings made to stand inside of HTML often lack what a file of their own needs. */
function withNamespace(svg) {
  const tag = /<svg\b[^>]*>/.exec(svg)?.[0] ?? '';
  return /\sxmlns=/.test(tag) ? svg : svg.replace(/<svg\b/, '<svg xmlns="http://www.w3.org/2000/svg"');
}

const frameHead = `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src data:">
<link rel="stylesheet" href="/assets/frame.css">
`;

/**
 * A page of its own in which nothing runs: the sandbox has no scripts, no forms, no way out. It has our origin only so
 * that it may load our style and be asked for its height.
 */
function html(part) {
  const frame = document.createElement('iframe');
  frame.className = 'figure';
  frame.title = 'HTML that the code shows';
  frame.sandbox = 'allow-same-origin';
  const text = part.text ?? new TextDecoder().decode(bytesOf(part.data));
  frame.srcdoc = frameHead + text;
  frame.addEventListener('load', () => {
    const page = frame.contentDocument?.documentElement;
    if (page) frame.style.height = `${Math.min(page.scrollHeight + 2, 600)}px`;
  });
  return frame;
}

/** The bytes behind base64. */
export function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
