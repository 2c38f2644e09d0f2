// SPDX-License-Identifier: Apache-2.0
/** Tools that run as one bundle in a process of their own, where the loader would cost too much. */

import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { COMPILED, ROOT } from './places.ts';

export interface BundledTool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Those without plugins, which stay until this process ends: the second time there is nothing to build. */
const shared = new Map<string, Promise<string>>();
let count = 0;

/** Bundles a module of `tools`, which is the entry of a process; in the published package it needs none. */
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

/** Resolves with its path, which is of this process alone: others may be building theirs. */
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
