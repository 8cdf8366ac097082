import { testDescription } from './run-schemathesis.ts';

testDescription({
  examples: 2,
  phases: ['examples', 'fuzzing'],
  seeds: [1],
  // To make something up for their large messages takes schemathesis seconds each; the long form has them.
  without: ['ObjectService_Apply', 'ExecuteService_Run', 'ExecuteService_CreateSession'],
  timeoutMs: 250_000,
});
