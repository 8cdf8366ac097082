/**
 * Writes down anew what a plain Jupyter kernel offers at the places of the table that the tests of completion go by:
 * `node bench/completions.ts`, after `npm start` or `npm run bench` has set the machine up.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startGateway } from './gateway.ts';
import { interpreterOf } from './interpreter.ts';
import { ensurePeerEnvironment } from './peers/environment.ts';
import { cache, root } from './places.ts';

const table = join(root, 'python', 'tests', 'worker', 'completions.json');

await using gateway = await startGateway(process.env['BEEP_PYTHON_HOME'] ?? join(cache, 'home'));
const { python } = await ensurePeerEnvironment(gateway.home, await interpreterOf(gateway));
await promisify(execFile)(python, [join(import.meta.dirname, 'peers', 'completions.py'), table]);
