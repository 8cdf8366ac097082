/** Messages of the contract as the JSON that its protocols speak: enums by their names, times as texts. */
import { createRegistry, type DescMessage, type Message, toJson } from '@bufbuild/protobuf';
import { file_beep_python_v1_host } from '../gen/es/beep/python/v1/host_pb.ts';
import { file_beep_python_v1_venv } from '../gen/es/beep/python/v1/venv_pb.ts';

const registry = createRegistry(file_beep_python_v1_host, file_beep_python_v1_venv);

/** The JSON of a message; fields that are empty are there. */
export function messageJson(message: Message): unknown {
  const schema = registry.getMessage(message.$typeName) as DescMessage;
  return toJson(schema, message, { alwaysEmitImplicit: true });
}
