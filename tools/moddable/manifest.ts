// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What our tools look at in the manifest of a project. */
export interface Manifest {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * The manifest.json of a project; empty when there is none.
 * @throws Error that names the file when it is no JSON
 */
export function readManifest(directory: string): Manifest {
  const file = path.resolve(directory, 'manifest.json');
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`);
  }
}
