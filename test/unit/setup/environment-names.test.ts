import { expect, test } from 'vitest';
import { whyNotAName, whyNotANewName } from '../../../src/venvs/naming/name.ts';

test.each(['default', 'a', 'x1', 'my.tools_2-b', 'a'.repeat(64)])('%j can be the name of a new environment', (name) => {
  expect(whyNotANewName(name)).toBeUndefined();
});

test.each(['Tools', 'a b', '-a', 'a-', '_a', 'é', 'a'.repeat(65), 'con', 'nul.txt', 'com1', 'lpt9.x'])(
  '%j can be looked up, but not be made',
  (name) => {
    expect(whyNotAName(name)).toBeUndefined();
    expect(whyNotANewName(name)).toBeDefined();
  },
);

test.each([
  '',
  '.',
  '..',
  '.hidden',
  'a/b',
  '../x',
  'a\\b',
  'a..b',
  'a\nb',
  'a\u0000b',
  'x.lock',
  'é'.repeat(101),
  '\ud800',
])('%j names nothing', (name) => {
  expect(whyNotAName(name)).toBeDefined();
});
