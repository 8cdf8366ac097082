import { runMatrix } from './run-matrix.ts';

runMatrix('gRPC over h2c on the HTTP port');
