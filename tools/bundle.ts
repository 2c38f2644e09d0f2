// SPDX-License-Identifier: Apache-2.0
/** Bundles tools that run in a process of their own, where the loader would be too slow. */

import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { COMPILED, ROOT } from './places.ts';

export interface BundledTool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles without plugins. They stay until this process ends, so that each is built once. */
const shared = new Map<string, Promise<string>>();
let count = 0;

/**
 * Bundles a module of `tools` that is the entry of a process. The published package is compiled, and needs no bundle.
 */
export async function bundleTool(entry: string, plugins: readonly Plugin[] = []): Promise<BundledTool> {
  if (COMPILED) return { path: path.join(ROOT, 'dist/tools', entry.replace(/ts$/, 'js')), remove: async () => {} };
  if (plugins.length > 0) {
    const file = await bundle(entry, plugins);
    return { path: file, remove: () => rm(file, { force: true }) };
  }
  let building = shared.get(entry);
  if (building === undefined) {
    building = bundle(entry, []);
    shared.set(entry, building);
    building.then((file) => process.once('exit', () => rmSync(file, { force: true })));
  }
  return { path: await building, remove: async () => {} };
}

/** Resolves with the path of the bundle. Only this process uses it, because others may build the same one. */
async function bundle(entry: string, plugins: readonly Plugin[]): Promise<string> {
  const outfile = path.join(ROOT, `build/${entry.replace(/\W+/g, '-')}-${process.pid}-${++count}.mjs`);
  await build({
    entryPoints: [path.join(ROOT, 'tools', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [...plugins],
  });
  return outfile;
}
