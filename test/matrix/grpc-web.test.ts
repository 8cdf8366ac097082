import { runMatrix } from './run-matrix.ts';

runMatrix('gRPC-Web');
