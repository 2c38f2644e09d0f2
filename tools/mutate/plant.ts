// SPDX-License-Identifier: Apache-2.0
/** Plants a defect in a bundle of the agent; the sources stay unchanged. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** One change of text in one file. */
export interface Defect {
  readonly name: string;
  /** Path below `src/`. */
  readonly file: string;
  /** The original text, which occurs exactly once. */
  readonly from: string;
  readonly to: string;
}

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** @throws Error when the text does not occur exactly once: the defect must be updated */
export async function plantedSource({ name, file, from, to }: Defect): Promise<string> {
  const source = await readFile(`${src}${file}`, 'utf8');
  const count = source.split(from).length - 1;
  if (count !== 1) throw new Error(`mutant "${name}": its text occurs ${count} times in src/${file}; once is needed`);
  return source.replace(from, () => to);
}

/** The environment for `test/support/compile.js`: the file and its changed text. */
export async function plantedVariable(defect: Defect): Promise<Record<string, string>> {
  return { PLANTED_DEFECT: JSON.stringify({ path: `${src}${defect.file}`, contents: await plantedSource(defect) }) };
}

export function planted(defect: Defect): Plugin {
  const path = `${src}${defect.file}`;
  return {
    name: 'planted defect',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async (file) =>
        file.path === path ? { contents: await plantedSource(defect), loader: 'ts' } : undefined,
      );
    },
  };
}
