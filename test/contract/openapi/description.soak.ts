import { testDescription } from './run-schemathesis.ts';

const phases = ['examples', 'coverage', 'fuzzing', 'stateful'] as const;

testDescription({ examples: 100, phases, seeds: [1, 2], timeoutMs: 1_800_000 });
