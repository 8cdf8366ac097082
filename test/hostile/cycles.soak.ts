import { testCycles } from './cycles.ts';

testCycles({ cycles: 2000, kills: 500, quietMs: 3000, timeoutMs: 1_800_000 });
