import { testCycles } from './cycles.ts';

testCycles({ cycles: 56, kills: 28, quietMs: 500, timeoutMs: 60_000 });
