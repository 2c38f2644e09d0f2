// SPDX-License-Identifier: Apache-2.0
/** Where things are, whether these tools run as sources in a checkout or as JavaScript in somebody's `node_modules`. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder with a package.json, from `folder` upwards; undefined: there is none. */
export function packageAbove(folder: string): string | undefined {
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    if (existsSync(path.join(each, 'package.json'))) return each;
    if (path.dirname(each) === each) return undefined;
  }
}

/** The package itself. */
export const ROOT = packageAbove(path.dirname(fileURLToPath(import.meta.url))) ?? process.cwd();

/** Modules of the package that are part of whatever imports them, and of nothing else: their sources. */
export const PARTS: Readonly<Record<string, string>> = {
  'fractus/events': path.join(ROOT, 'src/parts/events.ts'),
  'fractus/gps': path.join(ROOT, 'hal/esp32/gps/gps.ts'),
  'fractus/life': path.join(ROOT, 'src/parts/life.ts'),
  'fractus/object': path.join(ROOT, 'src/parts/object.ts'),
  'fractus/one-wire': path.join(ROOT, 'hal/esp32/sensors/one-wire.ts'),
  'fractus/pins': path.join(ROOT, 'hal/esp32/sensors/pins.ts'),
  'fractus/spi': path.join(ROOT, 'hal/esp32/sensors/spi.ts'),
  'fractus/settings': path.join(ROOT, 'src/parts/settings.ts'),
  'fractus/sleep': path.join(ROOT, 'src/parts/sleep.ts'),
  'fractus/state': path.join(ROOT, 'src/parts/state.ts'),
};

/** These tools are what `npm run package` has made of them, and need no loader. */
export const COMPILED = import.meta.url.endsWith('/dist/tools/places.js');

/** Somebody's project has it from npm. */
export const INSTALLED = ROOT.split(path.sep).includes('node_modules');

/** Where builds go: nothing is written into an installed package, but into the project that has installed it. */
export const BUILD = INSTALLED
  ? path.join(packageAbove(process.cwd()) ?? process.cwd(), 'build', 'fractus')
  : path.join(ROOT, 'build');

export interface PackageDescription {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly fractus?: { readonly firmware?: Readonly<Record<'name' | 'version', unknown>> };
}

/** What a package.json says of its package. */
export function readPackage(folder: string): PackageDescription {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
