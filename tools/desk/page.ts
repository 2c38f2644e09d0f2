// SPDX-License-Identifier: Apache-2.0
/** The page: built from `desk/` in a fraction of a second, or read from the compiled package. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { COMPILED, ROOT } from '../places.ts';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Files by their name in requests. */
export type Page = ReadonlyMap<string, PageFile>;

const BUILT = path.join(ROOT, 'dist/desk');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.css': 'text/css;charset=utf-8',
  '.svg': 'image/svg+xml',
};

let loaded: Promise<Page> | undefined;

/** Loads the page once for all servers of this process. Rejects when its sources cannot be built. */
export function loadPage(): Promise<Page> {
  loaded ??= COMPILED ? readPage() : buildPage();
  return loaded;
}

async function readPage(): Promise<Page> {
  const names = await readdir(BUILT);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, pageFile(name, await readFile(path.join(BUILT, name)))] as const),
    ),
  );
}

export async function buildPage(): Promise<Page> {
  const folder = path.join(ROOT, 'desk');
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { desk: 'desk/main.tsx' },
    outdir: 'desk',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const page = new Map<string, PageFile>();
  for (const { path: name, contents } of outputFiles) page.set(path.basename(name), pageFile(name, contents));
  for (const name of ['index.html', 'icon.svg'])
    page.set(name, pageFile(name, await readFile(path.join(folder, name))));
  return page;
}

/** A file with the type of its extension. */
export function pageFile(name: string, bytes: Uint8Array): PageFile {
  return { type: TYPES[path.extname(name)] ?? 'application/octet-stream', bytes };
}
