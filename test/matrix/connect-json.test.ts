import { runMatrix } from './run-matrix.ts';

runMatrix('Connect JSON');
