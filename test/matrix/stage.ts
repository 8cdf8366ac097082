/** What a scenario is given: clients of one transport, and ways to say "now" between the test and the code that runs. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestFolder } from '../integration/setup/test-home.ts';
import type { TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import type { Client, SessionState } from './client.ts';
import { type TransportName, transports } from './transports.ts';

/** A file that says that something has happened: code waits for the test, or the test for code. */
export interface Gate {
  /** The file that is there once it is open. */
  readonly path: string;
  /** Python that waits until the gate is open. */
  readonly wait: string;
  /** Python that opens it. */
  readonly pass: string;
  open(): void;
  isOpen(): Promise<void>;
}

/** One scenario's stage. */
export interface Stage {
  readonly client: Client;
  readonly transport: TransportName;
  /** Plain routes tell a value's text, not its kind, and an HTTP status, not a code. */
  readonly isPlain: boolean;
  /** Another principal, by the name of its token. */
  as(principal: string): Client;
  /** A session of the scenario's own, closed when it is over. */
  session(spec?: Parameters<Client['createSession']>[0]): Promise<SessionState & AsyncDisposable>;
  gate(): Gate;
  newId(): string;
}

/** Scenarios by the sentence that each proves. */
export type Scenarios = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** Principals beside the first one. */
export const principals = ['ann', 'bob', 'concurrent', 'lonely', 'lister'] as const;

/** A stage on a gateway; `close` lets its connections go. */
export function createStage(gateway: TestGateway, transport: TransportName, folder: string): Stage & { close(): void } {
  const clients = new Map<string, Client>();
  const as = (principal: string) => {
    const known = clients.get(principal);
    if (known !== undefined) return known;
    const client = transports[transport]({ http: gateway.http, rpc: gateway.rpc, token: gateway.token(principal) });
    clients.set(principal, client);
    return client;
  };
  const client = as('default');
  return {
    client,
    transport,
    isPlain: transport.startsWith('plain'),
    as,
    async session(spec) {
      const session = await client.createSession(spec);
      return { ...session, [Symbol.asyncDispose]: async () => void (await client.closeSession(session.id)) };
    },
    gate: () => createGate(join(folder, randomUUID())),
    newId: () => randomUUID(),
    close() {
      for (const each of clients.values()) each.close();
    },
  };
}

function createGate(path: string): Gate {
  return {
    path,
    wait: `import os, time\nwhile not os.path.exists(${JSON.stringify(path)}): time.sleep(0.002)\n`,
    pass: `open(${JSON.stringify(path)}, 'w').close()\n`,
    open: () => writeFileSync(path, ''),
    isOpen: () => until('the code has passed a gate', () => existsSync(path)),
  };
}

/** Plays one scenario on a stage of its own. */
export async function playOn(
  gateway: TestGateway,
  transport: TransportName,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  await using folder = await createTestFolder();
  const stage = createStage(gateway, transport, folder.path);
  try {
    await play(stage);
  } finally {
    stage.close();
  }
}
