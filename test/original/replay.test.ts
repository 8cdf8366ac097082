/** Every case over every format of the original's, by clients that send its bytes, to a gateway without tokens. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { cases } from './cases.ts';
import { type Facade, facades } from './facades.ts';
import { client } from './operations.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ flags: ['--auth', 'same-user'] });
});

afterAll(() => gateway?.stop());

describe.each(Object.keys(facades) as Facade['name'][])('over %s', (name) => {
  let facade: Facade;

  beforeAll(async () => {
    facade = await facades[name](gateway);
  });

  afterAll(() => facade?.[Symbol.asyncDispose]());

  test.each(cases)('$name', ({ run }) => run(client(facade)));
});
