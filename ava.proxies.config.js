/** For `npm run test:proxies`; the lives of a file go on at the same time, for most of each is waiting. */
export default {
  files: ['test/proxies/**/*.proxy.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  timeout: '3m',
};
