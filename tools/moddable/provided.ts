// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { type Manifest, type Part, parseManifest } from './manifest.ts';

/** The modules that a project's manifest provides without npm: of the SDK, of the project, of others. */
export interface Provided {
  readonly names: ReadonlySet<string>;
  /** False: some includes cannot be read, because the SDK is missing or the build fetches them. */
  readonly isComplete: boolean;
}

/** The package's own manifest, as a build generates it in a project. Its modules are known. */
const OURS = path.join('build', 'fractus', 'manifest.json');
const VARIABLE = /\$\((\w+)\)/g;

/**
 * Collects the modules of a project's manifest and all its includes, for any platform.
 * @throws Error that names a file that is no JSON
 */
export function providedModules(project: string, sdk = process.env['MODDABLE']): Provided {
  const reader = new Reader(sdk);
  const file = path.resolve(project, 'manifest.json');
  if (existsSync(file)) reader.read(file, path.resolve(project, OURS));
  return reader;
}

class Reader implements Provided {
  readonly names = new Set<string>();
  isComplete = true;
  readonly #read = new Set<string>();
  readonly #sdk: string | undefined;

  constructor(sdk: string | undefined) {
    this.#sdk = sdk;
  }

  read(file: string, ours: string): void {
    if (file === ours || this.#read.has(file)) return;
    this.#read.add(file);
    if (!existsSync(file)) {
      this.isComplete = false;
      return;
    }
    const manifest = parseManifest(file);
    const place = (text: unknown) => this.#place(text, manifest, path.dirname(file));
    for (const part of [manifest, ...Object.values(manifest.platforms ?? {})]) {
      this.#addModules(part, place);
      for (const included of [part.include ?? []].flat()) {
        const other = place(included);
        if (other !== undefined) this.read(other, ours);
      }
    }
  }

  /** Adds the modules of `name: file`, or of `*: file or folder/*`, which are named after their files. */
  #addModules({ modules = {} }: Part, place: (text: unknown) => string | undefined): void {
    for (const [key, sources] of Object.entries(modules)) {
      if (key === '~') continue;
      if (!key.endsWith('*')) {
        this.names.add(key);
        continue;
      }
      for (const source of [sources].flat()) {
        const file = place(source);
        if (file === undefined) continue;
        const names = path.basename(file) === '*' ? namesIn(path.dirname(file)) : [path.parse(file).name];
        for (const name of names) this.names.add(key.slice(0, -1) + name);
      }
    }
  }

  /** Resolves a path with variables; undefined: a variable is unknown. */
  #place(text: unknown, { build = {} }: Manifest, directory: string): string | undefined {
    let isKnown = typeof text === 'string';
    const variables: Readonly<Record<string, unknown>> = {
      MODULES: '$(MODDABLE)/modules',
      MODDABLE: this.#sdk,
      ...build,
    };
    const expand = (given: string, depth: number): string =>
      given.replace(VARIABLE, (_, name: string) => {
        const value = variables[name];
        if (typeof value === 'string' && depth < 8) return expand(value, depth + 1);
        isKnown = false;
        return '';
      });
    const file = path.resolve(directory, expand(String(text), 0));
    if (!isKnown) this.isComplete = false;
    return isKnown ? file : undefined;
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((file) => path.parse(file).name) : [];
}

const ASKED = Symbol('asked');

/**
 * Treats an import that is no npm package as external if the manifest provides it; the engine finds it on the board.
 */
export function provided(project: string): Plugin {
  return {
    name: 'provided',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === ASKED || kind === 'entry-point') return undefined;
        const found = await resolve(name, { kind, importer, resolveDir, pluginData: ASKED });
        if (found.errors.length === 0) return found;
        const { names, isComplete } = providedModules(project);
        // No manifest provides the modules of Node.
        if (names.has(name) || !(isComplete || name.includes(':'))) return { path: name, external: true };
        const text = `Could not resolve "${name}": no package that is installed, and no module of the manifest`;
        return { errors: [{ text }] };
      });
    },
  };
}
