// SPDX-License-Identifier: Apache-2.0
/** Name and version of a product, from the package.json of its author. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageAbove, ROOT, readPackage } from './places.ts';

export interface Product {
  /** Also the content of `c8y_Firmware`. */
  readonly firmware: { readonly name: string; readonly version: string };
}

const LONGEST = 128;

/**
 * Reads name and version from the nearest package.json, from the folder of a project upwards; `fractus.firmware` in it
 * overrides them. Without a package.json: ours.
 * @throws Error that names the file and the missing member
 */
export function productOf(project: string): Product {
  const folder = packageAbove(existsSync(project) ? project : path.dirname(project)) ?? ROOT;
  const { fractus, ...described } = readPackage(folder);
  const { name, version } = { ...described, ...fractus?.firmware };
  const read = (key: string, value: unknown): string => {
    if (typeof value === 'string' && value.length > 0 && value.length <= LONGEST) return value;
    throw new Error(
      `${path.join(folder, 'package.json')}: ${key} is missing; allowed: a text of 1 to ${LONGEST} letters`,
    );
  };
  return { firmware: { name: read('name', name), version: read('version', version) } };
}
