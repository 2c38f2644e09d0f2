// SPDX-License-Identifier: Apache-2.0

import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { context } from 'esbuild';

/** `npm run mutate -- --unit`: one source with a defect in it. */
const planted = JSON.parse(process.env.PLANTED_DEFECT ?? '{}');

/** A file in a bundle still finds what lies beside its source. */
const sourceUrls = {
  name: 'source-urls',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = path === planted.path ? planted.contents : await readFile(path, 'utf8');
      return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' };
    });
  },
};

/** `fractus` as the tests run it; its compiled form is told to them by `FRACTUS_COMMAND`. */
const COMMAND = 'support/command';

/**
 * Compiles all tests, with what they import, in half a second: a loader in each test process takes one second for each.
 * Resolves with their folder, which is of this run alone, because runs may overlap.
 */
export async function compileTests() {
  const folder = `build/tests-${process.pid}/`;
  const compiler = await context({
    entryPoints: ['test/**/*.test.ts', `test/${COMMAND}.ts`],
    outdir: folder,
    outbase: 'test',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: {
      // As an author's app imports it.
      fractus: './src/index.ts',
      'fractus/capabilities': './src/capabilities/index.ts',
      'fractus/events': './src/parts/events.ts',
      'fractus/gps': './hal/esp32/gps/gps.ts',
      'fractus/life': './src/parts/life.ts',
      'fractus/object': './src/parts/object.ts',
      'fractus/one-wire': './hal/esp32/sensors/one-wire.ts',
      'fractus/parts': './src/agent/parts/index.ts',
      'fractus/pins': './hal/esp32/sensors/pins.ts',
      'fractus/spi': './hal/esp32/sensors/spi.ts',
      'fractus/settings': './src/parts/settings.ts',
      'fractus/sleep': './src/parts/sleep.ts',
      'fractus/state': './src/parts/state.ts',
      'fractus/test': './kit/test.ts',
      'fractus/emulator': './kit/emulator.ts',
      'fractus/node': './hal/node/index.ts',
      // What the TLS of boards has of the SDK.
      crypt: './test/hal/esp32/tls/sdk/crypt.ts',
      curve: './test/hal/esp32/tls/sdk/curve.ts',
      ecp: './test/hal/esp32/tls/sdk/ecp.ts',
      modular: './test/hal/esp32/tls/sdk/modular.ts',
      rsa: './test/hal/esp32/tls/sdk/rsa.ts',
      Resource: './test/hal/esp32/tls/sdk/resource.ts',
    },
    sourcemap: true,
    plugins: [sourceUrls],
    logLevel: 'warning',
  });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.env.FRACTUS_COMMAND = path.resolve(`${folder}${COMMAND}.js`);
  await compiler.rebuild();
  if (process.argv.some((argument) => argument === '--watch' || argument === '-w')) await compiler.watch();
  else await compiler.dispose();
  return folder;
}
