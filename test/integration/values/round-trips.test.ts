import { testRoundTrips } from './round-trips.ts';

testRoundTrips(200, 60_000);
