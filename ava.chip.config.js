// SPDX-License-Identifier: Apache-2.0
/** For `npm run test:chip`; one file after the other, for an emulated chip takes a whole core. */
export default {
  files: ['test/chip/**/*.chip.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  timeout: '30m',
};
