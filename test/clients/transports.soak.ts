/** The scenarios of the client over the transports that `npm test` leaves out. */
import './cuts.test.ts';
import './executions.test.ts';
import './large-data.test.ts';
import './objects.test.ts';
import './sessions.test.ts';
import './values.test.ts';
