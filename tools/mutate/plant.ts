// SPDX-License-Identifier: Apache-2.0
/** A defect planted in the agent: in a bundle, the sources stay as they are. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** One change of text in one file. */
export interface Defect {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** @throws Error when the text is not there, or more than once: the defect has to be brought up to date */
export async function plantedSource({ name, file, from, to }: Defect): Promise<string> {
  const source = await readFile(`${src}${file}`, 'utf8');
  const count = source.split(from).length - 1;
  if (count !== 1) throw new Error(`mutant "${name}": its text stands ${count} times in src/${file}, once expected`);
  return source.replace(from, () => to);
}

/** What `test/support/compile.js` reads out of the environment: the file and its text. */
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
