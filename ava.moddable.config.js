/** For `npm run test:moddable`; one file after the other, because each builds and runs simulators. */
export default {
  files: ['test/moddable/**/*.sim.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  // A file begins with a build, which on a busy machine takes longer than any of its tests.
  timeout: '30m',
};
