// SPDX-License-Identifier: Apache-2.0
/** An author's app: a module that exports `app`, bundled for XS or for Node. */

import { existsSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import type { App, Capability, Part } from '../../src/index.ts';
import { narrowed } from '../../src/narrowed.ts';
import { BUILD, COMPILED, PARTS, ROOT } from '../places.ts';
import { type Product, productOf } from '../product.ts';
import { declared } from './declared.ts';
import { imported, shownPath } from './placed.ts';

export interface AuthorApp {
  /** Absolute path. */
  readonly file: string;
  /** `app`, or `default`. */
  readonly exported: string;
  /** The module also exports `capabilities`. */
  readonly isComposed: boolean;
  /** The module also exports `parts`. */
  readonly hasParts: boolean;
  readonly product: Product;
}

/** Examines the module of an app. @throws Error that names the file and the missing export */
export async function findApp(name: string): Promise<AuthorApp> {
  const file = path.resolve(name);
  if (!existsSync(file)) throw new Error(`${name}: there is no such file`);
  if (statSync(file).isDirectory())
    throw new Error(`${name}: a folder; allowed: the file of a module that exports app`);
  const { metafile } = await described(
    build({
      entryPoints: [file],
      bundle: false,
      write: false,
      metafile: true,
      format: 'esm',
      outdir: 'out',
      logLevel: 'silent',
    }),
  );
  const exports = Object.values(metafile.outputs).flatMap((output) => output.exports);
  const exported = ['app', 'default'].find((each) => exports.includes(each));
  if (exported === undefined) throw new Error(`${name}: it exports no app; allowed: "export const app: App = …"`);
  return {
    file,
    exported,
    isComposed: exports.includes('capabilities'),
    hasParts: exports.includes('parts'),
    product: productOf(path.dirname(file)),
  };
}

const NARROWED = path.join(ROOT, 'src/narrowed.ts');
const DECLARED = path.join(ROOT, 'tools/author/declared.ts');
/** The sources behind modules that look at arguments on a desk. */
export const DESK = {
  fractus: path.join(ROOT, 'kit/index.ts'),
  'fractus/settings': path.join(ROOT, 'kit/settings.ts'),
};
/** The source behind `fractus/capabilities`. */
const CHOICE = path.join(ROOT, 'src/capabilities/index.ts');
/** The source behind `fractus/parts`. */
const PART_CHOICE = path.join(ROOT, 'src/agent/parts/index.ts');

/** Replaces the usual app by the author's in a bundle of our sources. */
export function appPlugin({ file, exported, isComposed, hasParts }: AuthorApp): Plugin {
  const usual = path.join(ROOT, 'src/app.ts');
  return {
    name: 'app',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /app\.ts$/ }, (args) => {
        if (args.path !== usual) return undefined;
        const own = JSON.stringify(file);
        const chosen = isComposed
          ? `export { capabilities } from ${own};`
          : `export { CAPABILITIES as capabilities } from ${JSON.stringify(CHOICE)};`;
        const parts = hasParts
          ? `export { parts } from ${own};`
          : `export { PARTS as parts } from ${JSON.stringify(PART_CHOICE)};`;
        const contents = `
import { ${exported} as own } from ${own};
import { narrowed } from ${JSON.stringify(NARROWED)};
import { declared } from ${JSON.stringify(DECLARED)};
export const app = narrowed(declared(own));
${chosen}
${parts}`;
        return { contents, resolveDir: path.dirname(file), loader: 'ts' };
      });
      onResolve({ filter: /^fractus$/ }, () => ({ path: DESK.fractus }));
      onResolve({ filter: /^fractus\/capabilities$/ }, () => ({ path: CHOICE }));
      onResolve({ filter: /^fractus\/parts$/ }, () => ({ path: PART_CHOICE }));
      onResolve({ filter: /^fractus\// }, partOf);
    },
  };
}

/** @throws Error when the export is no list, or holds functions, as `relay` instead of `relay()` */
function listOf<Each>(
  module: Readonly<Record<string, unknown>>,
  name: string,
  file: string,
): readonly Each[] | undefined {
  const list = module[name];
  if (list === undefined) return undefined;
  if (Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null)) return list as Each[];
  throw new Error(`${file}: its ${name} is not a list of members of fractus/${name}`);
}

/** Loads the app, for an agent in this process. @throws Error with the place of a build error */
export async function loadApp({ file, exported }: AuthorApp): Promise<{
  app: App;
  /** Undefined: the usual capabilities. */
  capabilities: readonly Capability[] | undefined;
  /** Undefined: all parts. */
  parts: readonly Part[] | undefined;
  inputs: readonly string[];
}> {
  const moduleOf = (name: string) => pathToFileURL(path.join(ROOT, COMPILED ? `dist/${name}.js` : `${name}.ts`)).href;
  // Node loads a module once per name, so each build gets a new name.
  const copy = path.join(BUILD, `app-${process.pid}-${performance.now()}.mjs`);
  const { outputFiles, metafile } = await described(
    build({
      entryPoints: [file],
      absWorkingDir: path.dirname(file),
      bundle: true,
      write: false,
      outfile: copy,
      metafile: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: [
        {
          name: 'fractus',
          setup({ onResolve }) {
            onResolve({ filter: /^fractus$/ }, () => ({ path: moduleOf('kit/index'), external: true }));
            onResolve({ filter: /^fractus\/(?:capabilities|parts)$/ }, ({ path: name }) => ({
              path: moduleOf(name === 'fractus/parts' ? 'src/agent/parts/index' : 'src/capabilities/index'),
              external: true,
            }));
            onResolve({ filter: /^fractus\// }, partOf);
          },
        },
      ],
    }),
    path.dirname(file),
  );
  await mkdir(BUILD, { recursive: true });
  await writeFile(copy, outputFiles[0]?.contents ?? '');
  const inputs = Object.keys(metafile.inputs).map((each) => path.resolve(path.dirname(file), each));
  try {
    const module = await imported(copy, inputs);
    const app = module[exported];
    if (typeof app !== 'function') throw new Error(`${file}: its ${exported} is not a function`);
    return {
      app: narrowed(declared(app as App)),
      capabilities: listOf<Capability>(module, 'capabilities', file),
      parts: listOf<Part>(module, 'parts', file),
      inputs,
    };
  } finally {
    await rm(copy, { force: true });
  }
}

/** The app's own keys, read without running it. @throws Error as `findApp` and `loadApp` do */
export async function settingsOf(name: string | undefined): Promise<App['settings']> {
  return name === undefined ? undefined : (await loadApp(await findApp(name))).app.settings;
}

/** Resolves an import of an app. Modules of a board or of tests are refused, so that an app runs everywhere. */
function partOf({ path: name, importer }: { readonly path: string; readonly importer: string }) {
  const file = { ...PARTS, ...DESK }[name];
  if (file !== undefined) return { path: file };
  const allowed = ['fractus', 'fractus/capabilities', 'fractus/parts', ...Object.keys(PARTS)].join(', ');
  const text = `${name} cannot be imported by an app (${path.basename(importer)}); allowed: ${allowed}; import parts of a board in main.ts`;
  return { errors: [{ text }] };
}

/**
 * The result of esbuild, or an Error with its messages, each with file, line and column.
 * @param from what its files are relative to
 */
export async function described<T>(building: Promise<T>, from = process.cwd()): Promise<T> {
  try {
    return await building;
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    throw new Error(errors.map((each) => placed(each, from)).join('\n'), { cause: error });
  }
}

/** Names of fractus' own files say nothing to an author; esbuild's note has the name that may have been meant. */
function worded({ text, notes }: Message): string {
  const [, given] = /^No matching export in "[^"]*" for import "([^"]+)"$/.exec(text) ?? [];
  if (given === undefined) return text;
  const meant = /^Did you mean to import "([^"]+)" instead\?$/.exec(notes[0]?.text ?? '')?.[1];
  return `there is no ${given} to import${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function placed(message: Message, from: string): string {
  const { location } = message;
  const text = worded(message);
  return location === null
    ? text
    : `${shownPath(path.resolve(from, location.file))}:${location.line}:${location.column + 1}: ${text}`;
}
