/**
 * The comments of files, by the descriptor that each stands above. The path of a comment names its place by the field
 * numbers of descriptor.proto: https://protobuf.com/docs/descriptors#paths-to-elements
 */
export function commentsOf(files) {
  const comments = new Map();
  for (const file of files) {
    const texts = new Map(
      (file.proto.sourceCodeInfo?.location ?? []).map(({ path, leadingComments }) => [path.join(), leadingComments]),
    );
    const note = (desc, path) => {
      const text = texts.get(path.join())?.trim();
      if (text) comments.set(desc, inJsonNames(flowing(text)));
    };
    const noteAll = (descs, path, below = () => {}) =>
      descs.forEach((desc, i) => {
        note(desc, [...path, i]);
        below(desc, [...path, i]);
      });
    const noteEnum = (desc, path) => noteAll(desc.values, [...path, 2]);
    const noteMessage = (desc, path) => {
      // Of map fields, descriptors have nested messages that protobuf-es does not show.
      for (const field of desc.fields) note(field, [...path, 2, desc.proto.field.indexOf(field.proto)]);
      for (const oneof of desc.oneofs) note(oneof, [...path, 8, desc.proto.oneofDecl.indexOf(oneof.proto)]);
      for (const nested of desc.nestedMessages) {
        const at = [...path, 3, desc.proto.nestedType.indexOf(nested.proto)];
        note(nested, at);
        noteMessage(nested, at);
      }
      noteAll(desc.nestedEnums, [...path, 4], noteEnum);
    };
    noteAll(file.messages, [4], noteMessage);
    noteAll(file.enums, [5], noteEnum);
    noteAll(file.services, [6], (service, path) => noteAll(service.methods, [...path, 2]));
  }
  return comments;
}

/** Lines of a paragraph become one; empty lines stay. */
function flowing(text) {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) =>
      paragraph
        .split('\n')
        .map((line) => line.trim())
        .join(' '),
    )
    .join('\n\n');
}

/** Comments call fields by their names in the proto file; callers that write JSON write them otherwise. */
function inJsonNames(text) {
  return text.replace(
    /`([a-z]+(?:_[a-z0-9]+)+)`/g,
    (_, name) => `\`${name.replace(/_(.)/g, (_all, c) => c.toUpperCase())}\``,
  );
}
