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

/** Before the name of a room, where esbuild expects a path. */
const ROOM = 'room:';
const HELPER = path.resolve('test/support/room.ts');

/**
 * Rooms, and that their files declare their tests by way of `room.ts`.
 * @param rooms the files of each, from `test/` on
 */
function inRooms(rooms) {
  return {
    name: 'rooms',
    setup(build) {
      build.onResolve({ filter: /^ava$/ }, ({ importer }) => (importer === HELPER ? undefined : { path: HELPER }));
      build.onResolve({ filter: new RegExp(`^${ROOM}`) }, ({ path: name }) => ({ path: name, namespace: 'room' }));
      build.onLoad({ filter: /.*/, namespace: 'room' }, ({ path: name }) => {
        const room = name.slice(ROOM.length);
        const files = rooms.get(room).map((file) => {
          const name = file.slice(0, -'.test.ts'.length);
          const title = name === room ? '' : name.replace(`${room}/`, '').replaceAll('/', ' › ');
          return `['${title}', () => import('./test/${file}')]`;
        });
        const contents = `import { room } from './test/support/room.ts'; await room([${files.join(', ')}]);`;
        return { contents, loader: 'ts', resolveDir: process.cwd() };
      });
    },
  };
}

/** `fractus` as the tests run it; its compiled form is told to them by `FRACTUS_COMMAND`. */
const COMMAND = 'support/command';

/**
 * Compiles tests, with what they import, in half a second: a loader in each test process takes one second for each.
 * Resolves with their folder, which is of this run alone, because runs may overlap.
 * @param rooms files that share a process, from `test/` on, by the names of what is compiled; without it, all files for themselves
 */
export async function compileTests(rooms) {
  const folder = `build/tests-${process.pid}/`;
  const tests = rooms
    ? [...rooms.keys()].map((name) => ({ in: `${ROOM}${name}`, out: `${name}.test` }))
    : ['test/**/*.test.ts'];
  const compiler = await context({
    entryPoints: [...tests, `test/${COMMAND}.ts`],
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
      fractus: './kit/index.ts',
      'fractus/capabilities': './src/capabilities/index.ts',
      'fractus/events': './src/parts/events.ts',
      'fractus/gps': './hal/esp32/gps/gps.ts',
      'fractus/life': './src/parts/life.ts',
      'fractus/object': './src/parts/object.ts',
      'fractus/one-wire': './hal/esp32/sensors/one-wire.ts',
      'fractus/parts': './src/agent/parts/index.ts',
      'fractus/pins': './hal/esp32/sensors/pins.ts',
      'fractus/spi': './hal/esp32/sensors/spi.ts',
      'fractus/settings': './kit/settings.ts',
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
    plugins: rooms ? [sourceUrls, inRooms(rooms)] : [sourceUrls],
    logLevel: 'warning',
  });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.env.FRACTUS_COMMAND = path.resolve(`${folder}${COMMAND}.js`);
  await compiler.rebuild();
  if (process.argv.some((argument) => argument === '--watch' || argument === '-w')) await compiler.watch();
  else await compiler.dispose();
  return folder;
}
