// SPDX-License-Identifier: Apache-2.0
/** Finds a project's own keys, which its main module declares with `withSettings`, and wrong declarations, without a board. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import type { ConfigKey } from '../../src/config.ts';
import { PARTS, ROOT } from '../places.ts';
import { DESK } from './app.ts';

/** Time limit: top-level code should only declare. */
const LIMIT_MS = 5000;
const SOURCES: Readonly<Record<string, string>> = {
  ...PARTS,
  'fractus/parts': path.join(ROOT, 'src/agent/parts/index.ts'),
  'fractus/capabilities': path.join(ROOT, 'src/capabilities/index.ts'),
};

/** Modules of a desk, whose calls record what is declared and what is refused. */
const RECORDING: Readonly<Record<string, string>> = {
  fractus: `
export * from ${JSON.stringify(DESK.fractus)};
import { measurement as make } from ${JSON.stringify(DESK.fractus)};
export const measurement = (definition) => {
  try {
    return make(definition);
  } catch (error) {
    record('[]', error.message);
    throw error;
  }
};`,
  'fractus/settings': `
import { withSettings as make } from ${JSON.stringify(DESK['fractus/settings'])};
export const withSettings = (settings, run) => {
  try {
    const app = make(settings, run);
    record(JSON.stringify(app.settings), '');
    return app;
  } catch (error) {
    record('[]', error.message);
    throw error;
  }
};`,
};

/** Replaces all modules that only a board has: an object with every member, which is also the result of every call. */
const STUB = `
const stub = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : stub),
  getPrototypeOf: () => stub,
  apply: () => stub,
  construct: () => stub,
});
module.exports = stub;`;

/**
 * The keys that the modules of a project declare on their top level. Empty when their top-level code needs a real
 * board.
 * @throws Error that says which setting or measurement is invalid
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
    // The stub does not behave like a board in every respect.
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
      if (Object.hasOwn(RECORDING, name) && namespace === 'file') return { path: name, namespace: 'recording' };
      const known = SOURCES[name];
      if (known !== undefined) return { path: known };
      // In an installed package, modules of a board throw on a desk.
      if (name.startsWith('fractus/')) return { path: name, namespace: 'stub' };
      const { errors, path: file } = await resolve(name, { kind, resolveDir, pluginData: onDesk });
      return errors.length === 0 ? { path: file } : { path: name, namespace: 'stub' };
    });
    onLoad({ filter: /./, namespace: 'recording' }, ({ path: name }) => ({
      contents: RECORDING[name] ?? '',
      resolveDir: ROOT,
    }));
    onLoad({ filter: /./, namespace: 'stub' }, () => ({ contents: STUB }));
  },
};
