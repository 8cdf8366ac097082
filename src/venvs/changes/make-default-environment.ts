/** Makes or repairs the default environment, before there is a gateway that could be asked to. */
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { createDefaultRuntime } from '../../runtimes/default-runtime.ts';
import { createHomeRuntimes } from '../../runtimes/runtimes.ts';
import type { ResolveIndex } from '../../uv/package-index.ts';
import { defaultName, type HomeLayout } from '../layout.ts';
import { specDigest } from '../requirements/spec-digest.ts';
import { nothingWanted } from '../requirements/wanted.ts';
import { changeEnvironment, type Decide } from './change.ts';
import { ensuring } from './decisions.ts';
import { createPythons } from './pythons.ts';

/** What it takes to make the default environment. */
export interface MakingDefaultOptions {
  readonly layout: HomeLayout;
  readonly resolveIndex: ResolveIndex;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called once, when there is something to build. */
  readonly onBuild?: () => void;
}

/** Ensures an environment of that name; of many who do at once one makes it. */
export async function makeDefaultEnvironment(options: MakingDefaultOptions): Promise<void> {
  const { layout, resolveIndex, log, clock, onBuild } = options;
  const runtimes = createHomeRuntimes(layout.home, layout.runtimes, createDefaultRuntime(layout.home));
  const digest = specDigest({ python: '', packages: [], requirements: '', index: undefined });
  const index = () => resolveIndex();
  const order = { wanted: nothingWanted, asked: undefined, index, hostIndex: index };
  const decide = ensuring({ python: '', order, digest, facts: {} }, { layout, pythons: createPythons(runtimes) });
  const deciding: Decide = async (state) => {
    const decision = await decide(state);
    if (decision.kind === 'make') onBuild?.();
    return decision;
  };
  const { state } = await changeEnvironment(deciding, {
    layout,
    name: defaultName,
    summary: 'make the default environment',
    now: clock.now,
    onProgress() {},
    signal: new AbortController().signal,
    async afterwards() {},
  });
  const { generation, inForce } = state;
  log.info({ name: defaultName, generation, python: inForce?.python.version }, 'made the default environment');
}
