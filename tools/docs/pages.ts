// SPDX-License-Identifier: Apache-2.0
/**
 * Generated parts of pages, between two comments: `<!-- generated: NAME ARGUMENT -->` and `<!-- end of generated -->`.
 */

import { readdir, readFile } from 'node:fs/promises';
import { certifyOwn } from '../certify/own.ts';
import { toTable } from '../certify/report.ts';
import { stateMachines } from './diagrams.ts';
import { guideSteps } from './guide.ts';
import { reference } from './reference.ts';
import { boardKeys, configurationKeys, operationNames, plantedDefects, runtimeKeys, source } from './tables.ts';

const ROOT = new URL('../../', import.meta.url);
const PART = /(<!-- generated: ([\w-]+)(?: (\S+))? -->\n).*?(<!-- end of generated -->)/gs;

const generators: Readonly<Record<string, (argument: string) => string | Promise<string>>> = {
  'board-keys': boardKeys,
  'configuration-keys': configurationKeys,
  'runtime-keys': runtimeKeys,
  'operation-names': operationNames,
  'planted-defects': plantedDefects,
  'guide-steps': guideSteps,
  'state-machines': stateMachines,
  certification: async () => toTable(await certifyOwn()),
  reference,
  source,
};

/** A page, as it is and as it should be. */
export interface Page {
  /** Path from the root of the package. */
  readonly path: string;
  readonly url: URL;
  readonly current: string;
  readonly wanted: string;
}

/** All pages, README first. @throws RangeError for an unknown generated part */
export async function readPages(): Promise<Page[]> {
  const names = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md')).sort();
  return Promise.all(['README.md', ...names.map((name) => `docs/${name}`)].map(readPage));
}

async function readPage(path: string): Promise<Page> {
  const url = new URL(path, ROOT);
  const current = await readFile(url, 'utf8');
  return { path, url, current, wanted: await generate(path, current) };
}

async function generate(path: string, text: string): Promise<string> {
  const parts = await Promise.all(
    [...text.matchAll(PART)].map(([, , name = '', argument = '']) => {
      const generator = generators[name];
      if (generator === undefined) throw new RangeError(`${path}: nothing generates "${name}"`);
      return generator(argument);
    }),
  );
  return text.replace(PART, (_, opening: string, __, ___, closing: string) => `${opening}${parts.shift()}\n${closing}`);
}
