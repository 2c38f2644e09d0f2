import { compileTests } from './test/support/compile.js';

export default {
  files: ['test/**/*.test.ts'],
  typescript: { rewritePaths: { 'test/': await compileTests() }, compile: false },
  nodeArguments: ['--enable-source-maps'],
  // In threads of one process, some tests wait for others until their time is over.
  workerThreads: false,
  timeout: '60s',
};
