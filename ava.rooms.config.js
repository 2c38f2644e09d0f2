import { availableParallelism } from 'node:os';
import { compileTests } from './test/support/compile.js';
import { byLength, roomsOfTests } from './test/support/rooms.js';

/** For `npm test`: all files, those of a folder in one process. Half the time of a process for each goes into its beginning. */
export default {
  files: [`${await compileTests(roomsOfTests())}**/*.test.js`],
  // Many wait for real sockets, clocks or processes: a core has something to do meanwhile.
  concurrency: 2 * availableParallelism(),
  sortTestFiles: byLength,
  nodeArguments: ['--enable-source-maps'],
  workerThreads: false,
  timeout: '60s',
};
