/** Which Python the sessions run on, asked of one of them, so that peers get the same. */
import { ExecuteService } from '../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectTo } from './clients/gateway.ts';
import type { RunningGateway } from './gateway.ts';

/** A Python. */
export interface Interpreter {
  /** Such as `3.13.0`. */
  readonly version: string;
  /** The environment's own. */
  readonly path: string;
  /** The one that the environment was made from. */
  readonly basePath: string;
}

const question = `
import json, os, platform, sys
print(json.dumps({
    'version': platform.python_version(),
    'path': os.path.join(sys.prefix, 'bin', 'python'),
    'basePath': getattr(sys, '_base_executable', None) or sys.executable,
}))
`;

/** Asks a session of the default environment. */
export async function interpreterOf(gateway: RunningGateway): Promise<Interpreter> {
  using caller = connectTo(gateway);
  const where = { case: 'fresh', value: {} } as const;
  const source = { case: 'code', value: question } as const;
  return JSON.parse((await caller.unary(ExecuteService.method.run, { where, source })).stdout) as Interpreter;
}
