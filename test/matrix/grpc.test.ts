import { runMatrix } from './run-matrix.ts';

runMatrix('native gRPC');
