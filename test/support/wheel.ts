/** Wheels and source distributions, made by hand: plain zip and tar files. */
import { createHash } from 'node:crypto';
import { crc32, gzipSync } from 'node:zlib';

/** What a package says of itself. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  /** PEP 508. */
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  readonly summary?: string;
  /** Further lines of its metadata. */
  readonly metadata?: readonly string[];
  /** Files by their path; by default one module that says its version. */
  readonly files?: Readonly<Record<string, string>>;
  /** Tag of the wheel; by default any Python and machine. */
  readonly tag?: string;
}

/** One file that an index has. */
export interface PackageFile {
  readonly name: string;
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly requiresPython?: string | undefined;
}

/** A wheel. */
export function makeWheel(facts: PackageFacts): PackageFile {
  const { name, version, tag = 'py3-none-any' } = facts;
  const info = `${escaped(name)}-${version}.dist-info`;
  const entries: Record<string, string> = {
    ...(facts.files ?? { [`${escaped(name)}/__init__.py`]: `__version__ = "${version}"\n` }),
    [`${info}/METADATA`]: metadata(facts),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
  };
  const record = Object.entries(entries).map(
    ([path, text]) => `${path},${recordHash(text)},${Buffer.byteLength(text)}`,
  );
  entries[`${info}/RECORD`] = `${[...record, `${info}/RECORD,,`].join('\n')}\n`;
  return packageFile(facts, `${escaped(name)}-${version}-${tag}.whl`, zip(entries));
}

/** A source distribution with a `setup.py` of the test's own. */
export function makeSourceDistribution(facts: PackageFacts & { readonly setup: string }): PackageFile {
  const folder = `${escaped(facts.name)}-${facts.version}`;
  const entries = {
    [`${folder}/PKG-INFO`]: metadata(facts),
    [`${folder}/setup.py`]: facts.setup,
    ...Object.fromEntries(Object.entries(facts.files ?? {}).map(([path, text]) => [`${folder}/${path}`, text])),
  };
  return packageFile(facts, `${folder}.tar.gz`, gzipSync(tar(entries)));
}

function packageFile(facts: PackageFacts, fileName: string, bytes: Buffer): PackageFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: normalized(facts.name), fileName, bytes, sha256, requiresPython: facts.requiresPython };
}

/** A package's name as indexes write it (PEP 503). */
export function normalized(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

function escaped(name: string): string {
  return name.replace(/[-_.]+/g, '_');
}

function metadata({ name, version, requires = [], requiresPython, summary, metadata = [] }: PackageFacts): string {
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(summary === undefined ? [] : [`Summary: ${summary}`]),
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
    ...metadata,
  ];
  return `${lines.join('\n')}\n`;
}

function recordHash(text: string): string {
  return `sha256=${createHash('sha256').update(text).digest('base64url')}`;
}

/** A zip file whose entries are stored as they are. */
export function zip(entries: Readonly<Record<string, string>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(entries)) {
    const [name, body] = [Buffer.from(path), Buffer.from(text)];
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version that is needed
    facts.writeUInt32LE(0x21_0000, 6); // 1 January 1980
    facts.writeUInt32LE(crc32(body), 10);
    facts.writeUInt32LE(body.length, 14);
    facts.writeUInt32LE(body.length, 18);
    facts.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\x03\x04'), facts, name, body);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), facts, rest, name);
    offset += 30 + name.length + body.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  const count = Object.keys(entries).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}

function tar(entries: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(entries).flatMap(([path, text]) => {
    const body = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
