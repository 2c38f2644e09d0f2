// SPDX-License-Identifier: Apache-2.0

import { cut } from '../bytes/text.ts';

/**
 * Characters that fragment and series names must not have: the platform's queries cannot reach such names, or JSON has to escape
 * them. One expression, made in flash: each search allocates, and an expression that is made for it far more.
 */
const FORBIDDEN = /[\s.,*[\]()@$/\u0000-\u001f"\\\u007f]/;

/** @throws RangeError naming the name and what is allowed. */
export function checkName(what: string, name: string): void {
  if (name.length >= 1 && name.length <= 256 && !FORBIDDEN.test(name)) return;
  const shown = cut(name, 60).replace(/[\u0000-\u001f\u007f]/g, '?');
  throw new RangeError(
    `${what}: the name "${shown}" is not allowed; allowed: no white space and none of . , * [ ] ( ) @ $ / " \\`,
  );
}

/** @throws RangeError when the name is not allowed or is `taken`. */
export function checkFreeName(what: string, name: string, taken: readonly string[]): void {
  checkName(what, name);
  if (taken.includes(name)) {
    throw new RangeError(`${what}: the name "${name}" is not allowed: it has a meaning of its own here`);
  }
}

/** @throws RangeError for what lies outside, and for what is no number */
export function checkRange(what: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new RangeError(`${what} ${value} is not allowed; allowed: ${least} to ${most}`);
}
