/** For `npm run test:desk`: the page in a real browser, one file after the other. */
export default {
  files: ['test/desk/**/*.desk.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  timeout: '5m',
};
