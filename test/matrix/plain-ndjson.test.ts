import { runMatrix } from './run-matrix.ts';

runMatrix('plain routes with NDJSON');
