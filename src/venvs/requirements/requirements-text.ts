/** The text of a requirements file, line by line: requests with their hashes, and of pip's options only those that are named here. */
import { type BeepError, errors } from '../../errors.ts';
import { whyNotAnIndex } from '../../uv/package-index.ts';
import { withoutCredentials } from '../../uv/redact.ts';
import { giveWay, type PackageRequest, type RequirementPolicy, readPackageRequest } from './requirement.ts';
import { loadRequirementLibraries } from './requirement-libraries.ts';

/** One request of a text. */
export interface HashedRequest extends PackageRequest {
  /** Such as `sha256:...`; a file with none of them is refused. */
  readonly hashes: readonly string[];
}

/** What a text asks for. */
export interface RequirementsText {
  readonly requests: readonly HashedRequest[];
  /** `--index-url`; empty: none. */
  readonly defaultIndex: string;
  /** `--extra-index-url`. */
  readonly extraIndexes: readonly string[];
  /** `--require-hashes`, or any hash at all: then every file needs one. */
  readonly requireHashes: boolean;
}

/** What the settings allow; a `Config` is one. */
export interface RequirementsPolicy extends RequirementPolicy {
  readonly allowExtraIndexes: boolean;
}

const maxRequests = 10_000;
const hashPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** Why an option is refused, and what stands for it. */
const refusedOptions: Readonly<Record<string, string>> = {
  '-r': 'it names a file of the gateway; put its lines into this text',
  '--requirement': 'it names a file of the gateway; put its lines into this text',
  '-c': 'it names a file of the gateway; put its versions into this text',
  '--constraint': 'it names a file of the gateway; put its versions into this text',
  '-e': 'it would run code of a folder; ask for a name',
  '--editable': 'it would run code of a folder; ask for a name',
  '-f': 'it is for the setting --find-packages',
  '--find-links': 'it is for the setting --find-packages',
  '--no-index': 'it is for index.offline',
  '--no-binary': 'whether packages may be built is for index.allow_build',
  '--only-binary': 'whether packages may be built is for index.allow_build',
  '--trusted-host': 'it is for the configuration of pip',
};

/** Reads a text; throws PACKAGE_SPEC_INVALID with the number of the first line that is wrong. */
export async function readRequirementsText(text: string, policy: RequirementsPolicy): Promise<RequirementsText> {
  const libraries = await loadRequirementLibraries();
  const requests: HashedRequest[] = [];
  const extraIndexes: string[] = [];
  let defaultIndex = '';
  let requireHashes = false;
  for (const [at, { line, where }] of logicalLines(text).entries()) {
    await giveWay(at);
    if (line.startsWith('-')) {
      const option = readOption(line, where, policy);
      if (option.name === '--require-hashes') requireHashes = true;
      else if (option.name === '--extra-index-url') extraIndexes.push(option.value);
      else defaultIndex = option.value;
      continue;
    }
    if (requests.length === maxRequests) throw invalid(line, `a text has at most ${maxRequests} requirements`, where);
    const { request, hashes } = withoutHashes(line, where);
    requests.push({ ...readPackageRequest(request, where, policy, libraries), hashes });
  }
  requireHashes ||= requests.some(({ hashes }) => hashes.length > 0);
  return { requests, defaultIndex, extraIndexes, requireHashes };
}

/** The text for uv: what was understood, and nothing else. */
export function writeRequirementsText(requests: readonly (PackageRequest | HashedRequest)[]): string {
  const lines = requests.map((request) => {
    const hashes = 'hashes' in request ? request.hashes : [];
    return `${[request.text, ...hashes.map((hash) => `--hash=${hash}`)].join(' ')}\n`;
  });
  return lines.join('');
}

/** Lines without comments; one that ends with a backslash goes on in the next. */
function logicalLines(text: string): { line: string; where: string }[] {
  const lines: { line: string; where: string }[] = [];
  let open: { line: string; number: number } | undefined;
  for (const [at, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const { line: before, number } = open ?? { line: '', number: at + 1 };
    // A comment begins a line, or stands after a space.
    const bare = raw.replace(/(^|\s)#.*$/, '').replaceAll('\t', ' ');
    const goesOn = bare.endsWith('\\');
    const line = `${before}${goesOn ? bare.slice(0, -1) : bare}`;
    open = goesOn ? { line, number } : undefined;
    if (!goesOn && line.trim() !== '') lines.push({ line: line.trim(), where: `requirements line ${number}` });
  }
  if (open !== undefined && open.line.trim() !== '') {
    lines.push({ line: open.line.trim(), where: `requirements line ${open.number}` });
  }
  return lines;
}

function withoutHashes(line: string, where: string): { request: string; hashes: string[] } {
  const [request = '', ...rest] = line.split(/\s+(?=--)/);
  const hashes = rest.map((option) => {
    const hash = /^--hash[= ]\s*(\S+)$/.exec(option.trim())?.[1]?.toLowerCase();
    if (hash === undefined) throw invalid(line, 'of options only --hash may stand after a requirement', where);
    if (!hashPattern.test(hash)) {
      throw invalid(line, 'its hash is none; it is sha256:, sha384: or sha512: and the digest in hexadecimal', where);
    }
    return hash;
  });
  return { request, hashes };
}

function readOption(line: string, where: string, policy: RequirementsPolicy): { name: string; value: string } {
  const [, given = '', value = ''] = /^(-[a-z](?=\S|\s|$)|--[a-z-]+)[= ]?\s*(.*)$/i.exec(line) ?? [];
  const name = given === '-i' ? '--index-url' : given;
  if (name === '--require-hashes' && value === '') return { name, value };
  if (name !== '--index-url' && name !== '--extra-index-url') {
    const why = refusedOptions[name] ?? 'of options only --require-hashes, --index-url and --extra-index-url are known';
    throw invalid(line, `this option is not allowed here: ${why}`, where);
  }
  if (!policy.allowExtraIndexes) {
    throw invalid(
      line,
      'indexes are not named here: use index.default_index, or the setting --allow-extra-indexes',
      where,
    );
  }
  const why = whyNotAnIndex(value);
  if (why !== undefined) throw invalid(line, `not an index: ${why}`, where);
  return { name, value };
}

function invalid(line: string, why: string, where: string): BeepError {
  return errors.packageSpecInvalid(withoutCredentials(line), why, where);
}
