// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../places.ts';

/** The manifest of the package's own firmware. It includes `manifest.json`, which others may include, too. */
export const OWN_MANIFEST = 'firmware.json';

/** What names the manifest of a project to the SDK's tools, which run in its folder. Default: `manifest.json`. */
export function manifestArguments(project: string): string[] {
  return path.resolve(project) === ROOT ? [OWN_MANIFEST] : [];
}

/** The members of a manifest, and of each of its platforms. */
export interface Part {
  readonly include?: string | readonly unknown[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly modules?: Readonly<Record<string, unknown>>;
}

/** The members of a project's manifest that our tools read. */
export interface Manifest extends Part {
  readonly platforms?: Readonly<Record<string, Part>>;
  /** Variables of paths, used as $(NAME). */
  readonly build?: Readonly<Record<string, unknown>>;
}

/**
 * The manifest.json of a project; empty when there is none.
 * @throws Error that names the file when it is no JSON
 */
export function readManifest(directory: string): Manifest {
  const file = path.resolve(directory, 'manifest.json');
  return existsSync(file) ? parseManifest(file) : {};
}

/** @throws Error that names the file when there is none, or it is no JSON */
export function parseManifest(file: string): Manifest {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** Finds a resource file in the folders of a project's `data`. @returns its path; undefined: there is no such file */
export function findResource(directory: string, name: string): string | undefined {
  const folders = Object.values(readManifest(directory).data ?? {})
    .flat()
    .filter((each): each is string => typeof each === 'string' && !each.startsWith('$('))
    .map((each) => path.dirname(each));
  return folders.map((folder) => path.resolve(directory, folder, name)).find((each) => existsSync(each));
}
