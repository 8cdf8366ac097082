/** Credentials out of texts: addresses of indexes may carry a user and a password. */

const userOfAddress = /:\/\/[^\s/?#"'`<>]*@/g;

/** The text without what stands before the host in addresses, and without these values wherever they stand. */
export function withoutCredentials(text: string, secrets: readonly string[] = []): string {
  const shown = text.replace(userOfAddress, '://***@');
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), shown);
}

/** What is secret in addresses, as written and decoded. Short ones would take ordinary words with them. */
export function secretsOf(addresses: readonly string[]): string[] {
  const found = addresses.flatMap((address) => {
    const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^\s/?#]*)@/i.exec(address)?.[1] ?? '';
    const [user = '', ...password] = userInfo.split(':');
    // A token may stand in the place of the user.
    const secret = password.join(':') === '' ? user : password.join(':');
    return [secret, decoded(secret)];
  });
  return [...new Set(found)].filter((secret) => secret.length >= 6);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
