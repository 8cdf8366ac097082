// The token: taken from `#token=...` or typed, kept for this tab alone.

const key = 'beep-python.token';

/** The token of this tab; one that came in the address is taken out of it, so that it stays in no history. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    history.replaceState(null, '', location.pathname + location.search);
    keepToken(given);
  }
  return sessionStorage.getItem(key) ?? '';
}

/** Keeps a token until the tab is closed; an empty one is forgotten. */
export function keepToken(token) {
  if (token === '') sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, token);
}
