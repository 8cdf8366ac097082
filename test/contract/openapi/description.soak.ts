import { testDescription } from './run-schemathesis.ts';

const phases = ['examples', 'coverage', 'fuzzing', 'stateful'] as const;

testDescription({ examples: 25, phases, seeds: [1, 2], timeoutMs: 3_600_000 });
