// SPDX-License-Identifier: Apache-2.0
/** The keys of a project's own: what its main module has made with `withSettings`, found without a board. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import type { ConfigKey } from '../../src/config.ts';
import { PARTS, ROOT } from '../places.ts';

/** Modules are to declare, and not to work. */
const LIMIT_MS = 5000;
const SETTINGS = 'fractus/settings';
const SOURCES: Readonly<Record<string, string>> = {
  ...PARTS,
  fractus: path.join(ROOT, 'src/index.ts'),
  'fractus/parts': path.join(ROOT, 'src/agent/parts/index.ts'),
  'fractus/capabilities': path.join(ROOT, 'src/capabilities/index.ts'),
};

/** Tells of what is made: `made`, or why it cannot be. */
const RECORDING = `
import { withSettings as make } from ${JSON.stringify(PARTS[SETTINGS])};
export const withSettings = (settings, run) => {
  try {
    const app = make(settings, run);
    record(JSON.stringify(app.settings), '');
    return app;
  } catch (error) {
    record('[]', error.message);
    throw error;
  }
};`;

/** Stands for everything that only a board has: it has all members, and is what they give. */
const STUB = `
const stub = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : stub),
  getPrototypeOf: () => stub,
  apply: () => stub,
  construct: () => stub,
});
module.exports = stub;`;

/**
 * What the modules of a project declare on their top level. A project whose modules do something there that only a board can has
 * none that could be known.
 * @throws Error that says which setting makes no sense
 */
export async function ownKeys(directory: string): Promise<readonly ConfigKey[]> {
  const source = path.resolve(directory, 'main.ts');
  if (!existsSync(source)) return [];
  const keys: ConfigKey[] = [];
  let trouble = '';
  const record = (made: string, why: string) => {
    keys.push(...(JSON.parse(made) as ConfigKey[]));
    trouble ||= why;
  };
  try {
    runInContext(await codeOf(source), createContext({ record }), { timeout: LIMIT_MS });
  } catch {
    // What stands for a board does not do all that a board does.
  }
  if (trouble !== '') throw new Error(trouble);
  return keys;
}

async function codeOf(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'silent',
    plugins: [onDesk],
  });
  return outputFiles[0]?.text ?? '';
}

const onDesk: Plugin = {
  name: 'on a desk',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path: name, kind, namespace, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || pluginData === onDesk) return undefined;
      if (name === SETTINGS && namespace === 'file') return { path: name, namespace: 'recording' };
      const known = SOURCES[name];
      if (known !== undefined) return { path: known };
      // Of an installed package, what is a board's says on a desk that it is.
      if (name.startsWith('fractus/')) return { path: name, namespace: 'stub' };
      const { errors, path: file } = await resolve(name, { kind, resolveDir, pluginData: onDesk });
      return errors.length === 0 ? { path: file } : { path: name, namespace: 'stub' };
    });
    onLoad({ filter: /./, namespace: 'recording' }, () => ({ contents: RECORDING, resolveDir: ROOT }));
    onLoad({ filter: /./, namespace: 'stub' }, () => ({ contents: STUB }));
  },
};
