// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { type Manifest, type Part, parseManifest } from './manifest.ts';

/** What the manifest of a project has by other names than npm: modules of the SDK, of the project, of others. */
export interface Provided {
  readonly names: ReadonlySet<string>;
  /** False: not all of it can be looked at, because the SDK is not here, or the build fetches it. */
  readonly isComplete: boolean;
}

/** The package's own manifest, as a build puts it into a project. Its modules are known. */
const OURS = path.join('build', 'fractus', 'manifest.json');
const VARIABLE = /\$\((\w+)\)/g;

/**
 * The modules that a build gets by the manifest of a project and all that it includes, for any platform.
 * @throws Error that names the file when one is no JSON
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

  /** `name: file`, or `*: file or folder/*`: those are called as their files are. */
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

  /** Where that is; undefined: it cannot be said. */
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

/** A name that is no package's is one of `provided`; the engine finds it on the board. */
export function provided(project: string): Plugin {
  return {
    name: 'provided',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === ASKED || kind === 'entry-point') return undefined;
        const found = await resolve(name, { kind, importer, resolveDir, pluginData: ASKED });
        if (found.errors.length === 0) return found;
        const { names, isComplete } = providedModules(project);
        // Of those of Node, no manifest has one.
        if (names.has(name) || !(isComplete || name.includes(':'))) return { path: name, external: true };
        const text = `Could not resolve "${name}": no package that is installed, and no module of the manifest`;
        return { errors: [{ text }] };
      });
    },
  };
}
