/**
 * gRPC server reflection, v1 and v1alpha: how grpcurl and its like learn what there is. The two differ in their package
 * alone, so the older one is the newer one under its name.
 */
import { create, type DescService, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Encoded, type MountedService, mount } from '../call.ts';
import { GrpcCode, quoted } from '../errors.ts';
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from '../gen/es/grpc/reflection/v1/reflection_pb.ts';
import {
  ServerReflection as ServerReflectionAlpha,
  ServerReflectionResponseSchema as ServerReflectionResponseAlphaSchema,
} from '../gen/es/grpc/reflection/v1alpha/reflection_pb.ts';
import { createDescriptorIndex, type DescriptorIndex } from './descriptor-index.ts';

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse'];

/** Makes both services, for all that is mounted beside them. */
export function createReflectionServices(services: readonly DescService[]): MountedService[] {
  const listed = [...services, ServerReflection, ServerReflectionAlpha];
  const index = createDescriptorIndex(listed);
  const names = listed.map(({ typeName }) => typeName).sort();
  const respond = (request: ServerReflectionRequest): ServerReflectionResponse =>
    create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(request, index, names),
    });
  return [
    mount(ServerReflection, {
      async *serverReflectionInfo(requests) {
        for await (const { message } of requests) yield respond(message);
      },
    }),
    mount(ServerReflectionAlpha, {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) {
          const response = respond(fromBinary(ServerReflectionRequestSchema, request.toBytes()));
          yield new Encoded(ServerReflectionResponseAlphaSchema, toBinary(ServerReflectionResponseSchema, response));
        }
      },
    }),
  ];
}

function answer(
  { messageRequest: asked }: ServerReflectionRequest,
  index: DescriptorIndex,
  names: readonly string[],
): Answer {
  switch (asked.case) {
    case 'listServices':
      return { case: 'listServicesResponse', value: { service: names.map((name) => ({ name })) } };
    case 'fileByFilename':
      return files(index.file(asked.value), asked.value);
    case 'fileContainingSymbol':
      return files(index.symbol(asked.value), asked.value);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = asked.value;
      return files(index.extension(containingType, extensionNumber), `${containingType} ${extensionNumber}`);
    }
    case 'allExtensionNumbersOfType': {
      const extensionNumber = index.extensionNumbers(asked.value);
      if (extensionNumber === undefined) return notFound(asked.value);
      return { case: 'allExtensionNumbersResponse', value: { baseTypeName: asked.value, extensionNumber } };
    }
    default:
      return {
        case: 'errorResponse',
        value: { errorCode: GrpcCode.INVALID_ARGUMENT, errorMessage: 'nothing was asked' },
      };
  }
}

function files(fileDescriptorProto: Uint8Array[] | undefined, asked: string): Answer {
  return fileDescriptorProto === undefined
    ? notFound(asked)
    : { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  return {
    case: 'errorResponse',
    value: { errorCode: GrpcCode.NOT_FOUND, errorMessage: `there is no ${quoted(asked)}` },
  };
}
