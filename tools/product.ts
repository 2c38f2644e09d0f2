// SPDX-License-Identifier: Apache-2.0
/** What a product is called: the package.json of its author says so. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageAbove, ROOT, readPackage } from './places.ts';

export interface Product {
  /** Also `c8y_Firmware`. */
  readonly firmware: { readonly name: string; readonly version: string };
}

const LONGEST = 128;

/**
 * Name and version of the nearest package.json, from the folder of a project upwards; `fractus.firmware` there has others
 * that go before. Without one: ours.
 * @throws Error that says which file lacks what
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
