import { testRoundTrips } from './round-trips.ts';

testRoundTrips(10_000, 600_000);
