// SPDX-License-Identifier: Apache-2.0
/** Tools that run as one bundle in a process of their own, where the loader would cost too much. */

import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

export interface BundledTool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles a module of `tools`, which is the entry of a process. */
export async function bundleTool(entry: string, plugins: readonly Plugin[] = []): Promise<BundledTool> {
  // Of this process alone: others may be building theirs.
  const outfile = `${root}build/${entry.replace(/\W+/g, '-')}-${process.pid}.mjs`;
  await build({
    entryPoints: [`${root}tools/${entry}`],
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
