// SPDX-License-Identifier: Apache-2.0
/** Tools that run as one bundle in a process of their own, where the loader would cost too much. */

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { COMPILED, ROOT } from './places.ts';

export interface BundledTool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles a module of `tools`, which is the entry of a process; in the published package it needs none. */
export async function bundleTool(entry: string, plugins: readonly Plugin[] = []): Promise<BundledTool> {
  if (COMPILED) return { path: path.join(ROOT, 'dist/tools', entry.replace(/ts$/, 'js')), remove: async () => {} };
  // Of this process alone: others may be building theirs.
  const outfile = path.join(ROOT, `build/${entry.replace(/\W+/g, '-')}-${process.pid}.mjs`);
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
  return { path: outfile, remove: () => rm(outfile, { force: true }) };
}
