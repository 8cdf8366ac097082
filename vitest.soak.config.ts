import config from './vitest.config.ts';

const { test } = config;

/** The long forms alone, for `npm run soak`; those that are in files of `npm test` too know by the variable. */
export default {
  ...config,
  test: { ...test, include: ['test/**/*.soak.ts'], env: { ...test?.env, BEEP_TEST_SOAK: '1' } },
};
