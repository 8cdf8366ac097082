import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';

/** The path of a method and what can be asked there, by the Connect protocol: https://connectrpc.com/docs/protocol */
export function methodPaths(method, schemas, comments) {
  const path = `/${method.parent.typeName}/${method.name}`;
  const common = {
    tags: [method.parent.typeName],
    summary: method.name,
    description: comments.get(method) ?? '',
  };
  const operationId = `${method.parent.name}_${method.name}`;
  if (method.methodKind !== 'unary') return [path, { post: streamOperation(method, common, operationId, schemas) }];
  const answer = {
    description: 'the answer',
    content: { 'application/json': { schema: schemas.refTo(method.output) } },
  };
  const request = { 'application/json': { schema: schemas.refTo(method.input) } };
  const post = {
    ...common,
    operationId,
    requestBody: { required: true, content: request },
    responses: { 200: answer, default: refusal },
  };
  const hasGet = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const get = {
    ...common,
    operationId: `${operationId}_get`,
    parameters: [
      { name: 'encoding', in: 'query', required: true, schema: { const: 'json' } },
      { name: 'message', in: 'query', required: true, description: 'the request as JSON', content: request },
    ],
    responses: { 200: answer, default: refusal },
  };
  return [path, hasGet ? { get, post } : { post }];
}

const refusal = { $ref: '#/components/responses/ConnectError' };

/** OpenAPI has no word for streams: what a message of one is stands in the text, and in `x-message`. */
function streamOperation(method, common, operationId, schemas) {
  const side = (desc, isStream) => {
    const name = desc.typeName;
    const amount = isStream ? 'any number of messages' : 'one message';
    schemas.refTo(desc);
    return {
      text: `${amount} of [\`${name}\`](#/components/schemas/${name})`,
      content: {
        'application/connect+json': {
          schema: { type: 'string', format: 'binary' },
          'x-message': `#/components/schemas/${name}`,
        },
      },
    };
  };
  const streamsIn = method.methodKind !== 'server_streaming';
  const request = side(method.input, streamsIn);
  const answer = side(method.output, method.methodKind !== 'client_streaming');
  const needsHttp2 = method.methodKind === 'bidi_streaming' ? ' Both sides speak at once, so it takes HTTP/2.' : '';
  const description = `${common.description}\n\nA stream: the body is ${request.text}, the answer ${answer.text}, each in an envelope of the Connect protocol (a byte of flags, four bytes of length, the message as JSON); a client library of Connect, gRPC or gRPC-Web does that.${needsHttp2} The status is always 200: how it ended stands in the last envelope, which is marked by the flag 2.`;
  return {
    ...common,
    description,
    operationId,
    'x-stream': method.methodKind,
    requestBody: { required: true, content: request.content },
    responses: {
      200: { description: 'envelopes, the last of which says how it ended', content: answer.content },
      default: refusal,
    },
  };
}
