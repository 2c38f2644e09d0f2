/** For `npm run test:moddable`; one file after the other, because each builds and runs simulators. */
export default {
  files: ['test/moddable/**/*.sim.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  timeout: '10m',
};
