/** Descriptors by what reflection is asked for: file name, symbol, extension. */
import type { DescEnum, DescExtension, DescFile, DescMessage, DescService } from '@bufbuild/protobuf';
import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** The index; what it gives are encoded FileDescriptorProtos, each with all that it depends on. */
export interface DescriptorIndex {
  file(name: string): Uint8Array[] | undefined;
  symbol(name: string): Uint8Array[] | undefined;
  extension(typeName: string, number: number): Uint8Array[] | undefined;
  /** Numbers of a message type's extensions; undefined when there is no such type. */
  extensionNumbers(typeName: string): number[] | undefined;
}

/** Indexes the files of these services. */
export function createDescriptorIndex(services: readonly DescService[]): DescriptorIndex {
  const files = new Map<string, DescFile>();
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const encoded = new Map<DescFile, Uint8Array>();

  const addFile = (file: DescFile) => {
    if (files.has(file.proto.name)) return;
    files.set(file.proto.name, file);
    for (const dependency of file.dependencies) addFile(dependency);
    for (const member of [...file.enums, ...file.extensions]) addMember(member, file);
    for (const message of file.messages) addMessage(message, file);
    for (const service of file.services) {
      symbols.set(service.typeName, file);
      for (const method of service.methods) symbols.set(`${service.typeName}.${method.name}`, file);
    }
  };
  const addMessage = (message: DescMessage, file: DescFile) => {
    symbols.set(message.typeName, file);
    for (const field of message.fields) symbols.set(`${message.typeName}.${field.name}`, file);
    for (const member of [...message.nestedEnums, ...message.nestedExtensions]) addMember(member, file);
    for (const nested of message.nestedMessages) addMessage(nested, file);
  };
  const addMember = (member: DescEnum | DescExtension, file: DescFile) => {
    symbols.set(member.typeName, file);
    if (member.kind === 'enum') return;
    const extendee = member.extendee.typeName;
    const numbers = extensions.get(extendee) ?? new Map<number, DescFile>();
    extensions.set(extendee, numbers.set(member.number, file));
  };
  for (const service of services) addFile(service.file);

  const bytesOf = (file: DescFile) => {
    let bytes = encoded.get(file);
    if (bytes === undefined) {
      bytes = toBinary(FileDescriptorProtoSchema, file.proto);
      encoded.set(file, bytes);
    }
    return bytes;
  };
  const withDependencies = (file: DescFile | undefined) => file && [...dependencies(file)].map(bytesOf);

  return {
    file: (name) => withDependencies(files.get(name)),
    symbol: (name) => withDependencies(symbols.get(name)),
    extension: (typeName, number) => withDependencies(extensions.get(typeName)?.get(number)),
    extensionNumbers(typeName) {
      const numbers = extensions.get(typeName);
      if (numbers === undefined && !symbols.has(typeName)) return undefined;
      return [...(numbers?.keys() ?? [])];
    },
  };
}

/** The file itself first. */
function dependencies(file: DescFile, seen = new Set<DescFile>()): Set<DescFile> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const dependency of file.dependencies) dependencies(dependency, seen);
  return seen;
}
