// SPDX-License-Identifier: Apache-2.0
/** The simulator with a defect planted in the agent: in a bundle, the sources stay as they are. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** @throws Error when the text is not there, or more than once: the mutant has to be brought up to date */
export async function plantedSource({ name, file, from, to }: Mutant): Promise<string> {
  const source = await readFile(`${src}${file}`, 'utf8');
  const count = source.split(from).length - 1;
  if (count !== 1) throw new Error(`mutant "${name}": its text stands ${count} times in src/${file}, once expected`);
  return source.replace(from, () => to);
}

export function planted(mutant: Mutant): Plugin {
  const path = `${src}${mutant.file}`;
  return {
    name: 'planted defect',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async (file) =>
        file.path === path ? { contents: await plantedSource(mutant), loader: 'ts' } : undefined,
      );
    },
  };
}
