// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run package`: prepares the files that `npm pack` adds to the sources: JavaScript with types and source maps, the
 * page, and the modules of manifest.json. An explicit step, because npm runs no script of this package by itself.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildPage } from './desk/page.ts';
import { buildFlashPage } from './flash/page.ts';
import { buildForModdable } from './moddable/bundle.ts';
import { ROOT } from './places.ts';

const DIST = path.join(ROOT, 'dist');
/** TypeScript keeps `.ts` in the imports of the types that it writes. */
const SOURCE = /(?<=(?:from |import\()['"]\.[^'"]*)\.ts(?=['"])/g;
/**
 * Types of the SDK's modules, which TypeScript does not copy. Those of our own modules are removed, because the package
 * exports them.
 */
const AMBIENT = ['hal/esp32/moddable.d.ts', 'hal/esp32/sensors/buses.d.ts', 'hal/esp32/tls/sdk.d.ts'];
const OWN_MODULE = /declare module 'fractus\/[\s\S]*?^}\n+/gm;

rmSync(DIST, { recursive: true, force: true });
execFileSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.package.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
for (const file of AMBIENT) {
  writeFileSync(path.join(DIST, file), readFileSync(path.join(ROOT, file), 'utf8').replace(OWN_MODULE, ''));
}
for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = path.join(DIST, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(SOURCE, '.js'));
}
for (const [folder, page] of Object.entries({ desk: await buildPage(), flash: await buildFlashPage() })) {
  mkdirSync(path.join(DIST, folder), { recursive: true });
  for (const [name, { bytes }] of page) writeFileSync(path.join(DIST, folder, name), bytes);
}
await buildForModdable();
