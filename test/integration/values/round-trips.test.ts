import { testRoundTrips } from './round-trips.ts';

testRoundTrips(500, 60_000);
