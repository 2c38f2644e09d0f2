// SPDX-License-Identifier: Apache-2.0
/** Paths of the package, for tools that run as sources in a checkout or as JavaScript in `node_modules`. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder with a package.json, from `folder` upwards; undefined when there is none. */
export function packageAbove(folder: string): string | undefined {
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    if (existsSync(path.join(each, 'package.json'))) return each;
    if (path.dirname(each) === each) return undefined;
  }
}

/** Root folder of the package. */
export const ROOT = packageAbove(path.dirname(fileURLToPath(import.meta.url))) ?? process.cwd();

/** Sources of the modules that are only in the image of a project that imports them. */
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

/** True when the tools run as compiled by `npm run package`, without a loader. */
export const COMPILED = import.meta.url.endsWith('/dist/tools/places.js');

/** True when the package is installed in a project. */
export const INSTALLED = ROOT.split(path.sep).includes('node_modules');

/** Folder for builds: in the project that has installed the package, because the installed package stays unchanged. */
export const BUILD = INSTALLED
  ? path.join(packageAbove(process.cwd()) ?? process.cwd(), 'build', 'fractus')
  : path.join(ROOT, 'build');

export interface PackageDescription {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly fractus?: { readonly firmware?: Readonly<Record<'name' | 'version', unknown>> };
}

/** Reads a package.json. */
export function readPackage(folder: string): PackageDescription {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
