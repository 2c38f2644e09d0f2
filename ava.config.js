import { availableParallelism } from 'node:os';
import { compileTests } from './test/support/compile.js';
import { byLength } from './test/support/rooms.js';

/** For single files, as `npx ava test/json/read.test.ts`: each has a process for itself. */
export default {
  files: ['test/**/*.test.ts', '!test/package/**'],
  // Many wait for real sockets, clocks or processes: a core has something to do meanwhile.
  concurrency: 2 * availableParallelism(),
  sortTestFiles: byLength,
  typescript: { rewritePaths: { 'test/': await compileTests() }, compile: false },
  nodeArguments: ['--enable-source-maps'],
  // In threads of one process, some tests wait for others until their time is over.
  workerThreads: false,
  timeout: '60s',
};
