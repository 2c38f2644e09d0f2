// SPDX-License-Identifier: Apache-2.0
/** Tests of what a machine may not have: a compiler, a browser, a proxy. Nothing else leaves a test out. */

import test, { type ExecutionContext } from 'ava';

/** Declares a test. */
export type Declare = (title: string, run: (t: ExecutionContext) => void | Promise<void>) => void;

const told = new Set<string>();

/**
 * Declares tests where nothing is missing. Elsewhere each counts as skipped, and one line says what `missing` says.
 * @param declare `test` or `test.serial`
 */
export function testWith(missing: string | undefined, declare: Declare & { readonly skip: Declare } = test): Declare {
  if (missing === undefined) return declare;
  if (!told.has(missing)) console.log(`skipped: ${missing}`);
  told.add(missing);
  return declare.skip;
}
