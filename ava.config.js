export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  // ava 7 runs tsx only in child processes.
  workerThreads: false,
  timeout: '60s',
};
