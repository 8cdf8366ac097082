/** Names of environments: strict for new ones, wider for look-ups, since the original made names with capitals and Unicode. */

const newName = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/** Names that stand for devices on some systems, whatever follows a dot. */
const deviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

/** Why a text can name no environment at all; undefined if it can. Nothing that passes leads out of the folder of environments. */
export function whyNotAName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (Buffer.byteLength(name) > 200) return 'it is longer than 200 bytes';
  if (!name.isWellFormed()) return 'it is no well-formed Unicode';
  if (/[/\\]/.test(name)) return 'it contains a separator; an environment by its path is given as an absolute path';
  if (name.includes('..')) return 'it contains ".."';
  if (name.startsWith('.')) return 'it begins with a dot';
  if (/\p{Cc}/u.test(name)) return 'it contains a control character';
  if (name.endsWith('.lock')) return 'it ends with ".lock"';
  return undefined;
}

/** Why a text cannot be the name of a new environment; undefined if it can. */
export function whyNotANewName(name: string): string | undefined {
  const why = whyNotAName(name);
  if (why !== undefined) return why;
  if (!newName.test(name)) {
    return 'it is 1 to 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first and last';
  }
  if (deviceName.test(name)) return 'it is the name of a device on some systems';
  return undefined;
}
