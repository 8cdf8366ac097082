/** What a request on a method's path speaks. */
import type { DescMethod } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { errors } from '../../errors.ts';

/** A protocol and its encoding. */
export interface WireFormat {
  readonly protocol: 'connect' | 'grpc-web';
  readonly isJson: boolean;
  /** A unary Connect call has its message as the body; everything else is in envelopes. */
  readonly isEnveloped: boolean;
}

const unaryTypes = ['application/json', 'application/proto'];
const streamTypes = ['application/connect+json', 'application/connect+proto'];
const grpcWebTypes = ['application/grpc-web', 'application/grpc-web+proto', 'application/grpc-web+json'];

/** Throws METHOD_NOT_ALLOWED or CONTENT_TYPE_REFUSED. */
export function wireFormat(httpMethod: string, contentType: string, query: string, method: DescMethod): WireFormat {
  const isUnary = method.methodKind === 'unary';
  const hasGet = isUnary && method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  if (httpMethod === 'GET' && hasGet) {
    return { protocol: 'connect', isJson: new URLSearchParams(query).get('encoding') !== 'proto', isEnveloped: false };
  }
  if (httpMethod !== 'POST') throw errors.methodNotAllowed(httpMethod, hasGet ? ['GET', 'POST'] : ['POST']);
  const bare = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
  const isJson = bare.endsWith('json');
  if (grpcWebTypes.includes(bare)) return { protocol: 'grpc-web', isJson, isEnveloped: true };
  const connectTypes = isUnary ? unaryTypes : streamTypes;
  if (connectTypes.includes(bare)) return { protocol: 'connect', isJson, isEnveloped: !isUnary };
  throw errors.contentTypeRefused(contentType, [
    ...connectTypes,
    'application/grpc-web+proto',
    'application/grpc+proto',
  ]);
}
