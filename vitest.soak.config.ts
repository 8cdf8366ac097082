import config from './vitest.config.ts';

/** The long forms alone, for `npm run soak`. */
export default { ...config, test: { ...config.test, include: ['test/**/*.soak.ts'] } };
