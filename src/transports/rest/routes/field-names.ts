/** What the plain routes call the fields of the proto files. */

/** Messages inside of requests whose fields stand in the body itself. */
const inBody = /^(spec|fresh|input|source)\./;

/** Fields whose name is not that of the proto files in camelCase. */
const ownNames = new Map(
  Object.entries({
    item_id: 'executionId',
    idempotency_key: 'key',
    end_of_file: 'eof',
    'limits.cpu_time': 'limits.cpuSeconds',
    'script.path': 'script',
    'module.name': 'module',
    'function.name': 'function',
  }),
);

/** The name of a field as a caller of the plain routes writes it, from its path in the proto files. */
export function plainName(protoPath: string): string {
  const path = protoPath.replace(inBody, '').replace(/^function\.(args|kwargs)/, '$1');
  // Keys of maps stand in brackets, and are the caller's own.
  return (
    ownNames.get(path) ?? path.replace(/"(?:[^"\\]|\\.)*"|_([a-z])/g, (all, letter) => letter?.toUpperCase() ?? all)
  );
}
