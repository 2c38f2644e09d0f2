// SPDX-License-Identifier: Apache-2.0
/** The page with which a browser flashes a board: built from `desk/flash/`, or read from the compiled package. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { type Page, pageFile } from '../desk/page.ts';
import { COMPILED, ROOT } from '../places.ts';

const BUILT = path.join(ROOT, 'dist/flash');
const TOOLS = path.join(ROOT, 'node_modules/esp-web-tools/dist/web');

/** Rejects when its sources cannot be built. */
export async function loadFlashPage(): Promise<Page> {
  if (!COMPILED) return buildFlashPage();
  const names = await readdir(BUILT);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, pageFile(name, await readFile(path.join(BUILT, name)))] as const),
    ),
  );
}

/** Our code as one file, and ESP Web Tools as published: it loads its parts on demand. */
export async function buildFlashPage(): Promise<Page> {
  const folder = path.join(ROOT, 'desk/flash');
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { flash: 'desk/flash/main.ts' },
    outdir: 'flash',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const page = new Map(outputFiles.map(({ path: name, contents }) => [path.basename(name), contents]));
  for (const name of ['index.html', 'flash.css']) page.set(name, await readFile(path.join(folder, name)));
  for (const name of await readdir(TOOLS)) page.set(name, await readFile(path.join(TOOLS, name)));
  return new Map([...page].map(([name, bytes]) => [name, pageFile(name, bytes)]));
}
