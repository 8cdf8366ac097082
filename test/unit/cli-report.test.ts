/** What the command line says of a problem, and the exit code for it. */
import { expect, test, vi } from 'vitest';
import { report } from '../../src/cli/report.ts';
import { BeepError } from '../../src/client/beep-error.ts';
import { toBeepError } from '../../src/errors.ts';
import { PathTaken } from '../../src/transports/pipe/paths.ts';

function told(problem: unknown): [number, unknown[]] {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const code = report(problem);
  const lines = said.mock.calls.flat();
  said.mockRestore();
  return [code, lines];
}

test.each([
  ['r-1', 'beep-python: it broke (request r-1); see: beep-python logs'],
  [undefined, 'beep-python: it broke; see: beep-python logs'],
])('what broke in the gateway is one sentence that leads to its log; request %s', (requestId, sentence) => {
  const cause = new Error('of the connection');
  expect(told(new BeepError('INTERNAL', 'it broke', { requestId, cause }))).toEqual([1, [sentence]]);
});

test.each([
  ['an error that nobody foresaw', new TypeError('x is not a function')],
  ['the same as one of ours', toBeepError(new TypeError('x is not a function'))],
  ['what is no error', 'text'],
])('%s of this process is told with all that is known of it', (_, problem) => {
  expect(told(problem)).toEqual([1, [problem]]);
});

test('a pipe that cannot be had is one sentence', () => {
  const problem = new PathTaken('/x is there and is no socket; remove it, or give another --pipe-name');
  expect(told(problem)).toEqual([1, [`beep-python: ${problem.message}`]]);
});
