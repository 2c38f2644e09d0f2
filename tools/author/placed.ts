// SPDX-License-Identifier: Apache-2.0
/** Where in an author's sources something is. */

import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from '../places.ts';

/** As a person would type it here: relative, but for what is further away than the path is long. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/**
 * Loads a bundle of an author's sources, which has its source map in it.
 * @throws PlacedError when it throws while it is evaluated
 */
export async function imported(bundle: string, inputs: readonly string[]): Promise<Record<string, unknown>> {
  // Before the module is loaded: stacks name the author's files from then on.
  process.setSourceMapsEnabled(true);
  try {
    return (await import(pathToFileURL(bundle).href)) as Record<string, unknown>;
  } catch (error) {
    throw new PlacedError(error, inputs);
  }
}

const PLACE = /(?:\(|at (?:async )?)((?:file:\/\/)?\/?[^\s()]+):(\d+):(\d+)\)?$/;

/** What an author's source has thrown: file, line and column in front, where one of `inputs` is on its stack. */
export class PlacedError extends Error {
  override readonly name = 'PlacedError';

  constructor(error: unknown, inputs: readonly string[]) {
    const { name = 'Error', message = String(error), stack = '' } = error as Partial<Error>;
    const place = placeOf(stack, inputs);
    super(`${place === undefined ? '' : `${place}: `}${name}: ${message}`, { cause: error });
  }
}

const OURS = ['src', 'hal', 'dist'].map((folder) => path.join(ROOT, folder, path.sep));

/** The uppermost place that is in one of these files, and not in ours, of which an author's bundle has some. */
function placeOf(stack: string, inputs: readonly string[]): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const [, name = '', row, column] = PLACE.exec(line) ?? [];
    const file = name.startsWith('file://') ? fileURLToPath(name) : name;
    if (inputs.includes(file) && !OURS.some((folder) => file.startsWith(folder)))
      return `${shownPath(file)}:${row}:${column}`;
  }
  return undefined;
}
