import { availableParallelism } from 'node:os';
import { compileTests } from './test/support/compile.js';

/** Those that take longest come first: whatever comes last runs alone, while the other cores wait. */
const LONGEST = [
  'simulate/mutants',
  'simulate/power',
  'simulate/trouble',
  'agent/xs',
  'simulate/command',
  'bench/ratchet',
  'simulate/lasting',
  'simulate/torture',
  'tools/cli/deploy',
  'agent/chaos',
];

function rank(file) {
  const place = LONGEST.findIndex((name) => file.endsWith(`test/${name}.test.ts`));
  return place < 0 ? LONGEST.length : place;
}

export default {
  files: ['test/**/*.test.ts', '!test/package/**'],
  // Many wait for real sockets, clocks or processes: a core has something to do meanwhile.
  concurrency: 2 * availableParallelism(),
  sortTestFiles: (a, b) => rank(a) - rank(b) || a.localeCompare(b),
  typescript: { rewritePaths: { 'test/': await compileTests() }, compile: false },
  nodeArguments: ['--enable-source-maps'],
  // In threads of one process, some tests wait for others until their time is over.
  workerThreads: false,
  timeout: '60s',
};
