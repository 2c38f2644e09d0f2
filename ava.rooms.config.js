import { availableParallelism } from 'node:os';
import { compileTests } from './test/support/compile.js';
import { byLength, roomsOfTests } from './test/support/rooms.js';

const directory = await compileTests(roomsOfTests());

/** What takes long and is in `npm run test:thorough` as a whole, so that `npm test` stays below six minutes on two cores. */
const THOROUGH_ONLY = ['hostile', 'simulate/torture-firmware', 'tools/composition'];

/** For `npm test`: all other files, those of a folder in one process. Half the time of a process for each goes into its beginning. */
export default {
  files: [`${directory}**/*.test.js`, ...THOROUGH_ONLY.map((room) => `!${directory}${room}.test.js`)],
  // Many wait for real sockets, clocks or processes: a core has something to do meanwhile.
  concurrency: 2 * availableParallelism(),
  sortTestFiles: byLength,
  nodeArguments: ['--enable-source-maps'],
  workerThreads: false,
  timeout: '60s',
};
