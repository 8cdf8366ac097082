/** The one gRPC client that everything is measured with: grpc-js on one channel, messages by protobuf-es. */
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, type ClientReadableStream, credentials, Metadata } from '@grpc/grpc-js';

/** A method whose messages have these descriptors. */
type MethodOf<I extends DescMessage, O extends DescMessage> = DescMethod & { readonly input: I; readonly output: O };

/** Calls to one server. */
export interface GrpcCaller extends Disposable {
  unary<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>>;
  serverStream<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<I, O>,
    request: MessageInitShape<I>,
  ): ClientReadableStream<MessageShape<O>>;
  bidiStream<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<I, O>,
  ): ClientDuplexStream<MessageInitShape<I>, MessageShape<O>>;
}

/** Connects to `host:port`. */
export function createGrpcCaller(address: string, headers: Readonly<Record<string, string>> = {}): GrpcCaller {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const codecs = <I extends DescMessage, O extends DescMessage>({ input, output }: MethodOf<I, O>) =>
    [
      (request: MessageInitShape<I>) => Buffer.from(toBinary(input, create(input, request))),
      (bytes: Buffer) => fromBinary(output, bytes),
    ] as const;
  return {
    unary: (method, request) =>
      new Promise((resolve, reject) => {
        const [encode, decode] = codecs(method);
        client.makeUnaryRequest(pathOf(method), encode, decode, request, metadata, (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error);
        });
      }),
    serverStream(method, request) {
      const [encode, decode] = codecs(method);
      return client.makeServerStreamRequest(pathOf(method), encode, decode, request, metadata);
    },
    bidiStream(method) {
      const [encode, decode] = codecs(method);
      return client.makeBidiStreamRequest(pathOf(method), encode, decode, metadata);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
