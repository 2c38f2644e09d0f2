import config from './ava.config.js';

/** For `npm run test:thorough`: what `npm test` has a part of, and the walk of a new user, which takes npm's registry. */
export default {
  ...config,
  files: [
    'test/package/*.test.ts',
    'test/simulate/{mutants,power,trouble,torture-firmware}.test.ts',
    'test/hostile/*.test.ts',
    'test/tools/composition.test.ts',
    'test/tools/cli/device/{firmware*,live-app}.test.ts',
  ],
  environmentVariables: { THOROUGH: 'yes' },
};
