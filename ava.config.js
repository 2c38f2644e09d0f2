import { compileTests } from './test/support/compile.js';

export default {
  files: ['test/**/*.test.ts'],
  typescript: { rewritePaths: { 'test/': await compileTests() }, compile: false },
  nodeArguments: ['--enable-source-maps'],
  timeout: '60s',
};
