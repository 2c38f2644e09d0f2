// SPDX-License-Identifier: Apache-2.0

import { cut } from '../bytes/text.ts';

/**
 * Characters that names of fragments and series must not have: the platform's queries cannot reach such names, or JSON
 * has to escape them. A constant in flash, because each search allocates, and an expression made for it far more.
 */
const FORBIDDEN = /[\s.,*[\]()@$/\u0000-\u001f"\\\u007f]/;

/** @throws RangeError with the name and what is allowed. */
export function checkName(what: string, name: string): void {
  if (name.length >= 1 && name.length <= 256 && !FORBIDDEN.test(name)) return;
  const shown = cut(name, 60).replace(/[\u0000-\u001f\u007f]/g, '?');
  throw new RangeError(
    `${what}: the name "${shown}" is not allowed; allowed: no white space and none of . , * [ ] ( ) @ $ / " \\`,
  );
}

/** @throws RangeError when the name is not allowed or is among those `taken`. */
export function checkFreeName(what: string, name: string, taken: string): void {
  checkName(what, name);
  if (isAmong(name, taken)) {
    throw new RangeError(`${what}: the name "${name}" is not allowed: it has a meaning of its own here`);
  }
}

/**
 * Whether a name without blanks is in the text, which has a blank before and after each name: on a board, a list takes forty bytes
 * for each.
 */
export function isAmong(name: string, names: string): boolean {
  return names.includes(` ${name} `);
}

/** @throws RangeError for a value outside the range, and for anything but a number. */
export function checkRange(what: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new RangeError(`${what} ${value} is not allowed; allowed: ${least} to ${most}`);
}
