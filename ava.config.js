import { compileTests } from './test/support/compile.js';

export default {
  files: ['test/**/*.test.ts'],
  typescript: { rewritePaths: { 'test/': await compileTests() }, compile: false },
  nodeArguments: ['--enable-source-maps'],
  // Processes of their own: in threads of one process the tests wait for each other.
  workerThreads: false,
  timeout: '60s',
};
