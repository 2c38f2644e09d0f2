// SPDX-License-Identifier: Apache-2.0
/** Looks at one argument of an author's call. Each throws a RangeError with the name, what is given and what is allowed. */

import { didYouMean } from './near.ts';

export type Members = Readonly<Record<string, unknown>>;

const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];

export function membersOf(what: string, value: unknown, expected = 'an object'): Members {
  if (typeof value !== 'object' || value === null) refuse(what, value, expected);
  return value as Members;
}

/** Nothing else: what is misspelt would be passed over. */
export function hasOnly(what: string, value: unknown, names: readonly string[], expected?: string): Members {
  const members = membersOf(what, value, expected);
  for (const name of Object.keys(members)) if (!names.includes(name)) refuseName(what, name, names);
  return members;
}

/**
 * No member that is one of these misspelt, for an object that may have others of its own. An object of a class has its own
 * members, which may be called anything.
 */
export function hasNoSlip(what: string, value: unknown, names: readonly string[], expected?: string): Members {
  const members = membersOf(what, value, expected);
  if (Object.getPrototypeOf(members) !== Object.prototype) return members;
  const free = names.filter((name) => !(name in members));
  for (const name of Object.keys(members)) {
    if (!names.includes(name) && didYouMean(name, free) !== '') refuseName(what, name, free);
  }
  return members;
}

export function isText(what: string, value: unknown): void {
  if (typeof value !== 'string') refuse(what, value, 'a text');
}

export function isNumber(what: string, value: unknown): void {
  if (!Number.isFinite(value)) refuse(what, value, 'a number');
}

export function isFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') refuse(what, value, 'a function');
}

export function isFlag(what: string, value: unknown): void {
  if (typeof value !== 'boolean') refuse(what, value, 'true or false');
}

export function isSeverity(what: string, value: unknown): void {
  if (!SEVERITIES.includes(value as string)) refuse(`${what}: severity`, value, SEVERITIES.join(', '));
}

/** Members by name, or nothing. */
export function isFragments(what: string, value: unknown): void {
  if (value === undefined) return;
  if (Array.isArray(value)) refuse(what, value, FRAGMENTS);
  membersOf(what, value, FRAGMENTS);
}

const FRAGMENTS = "an object, as { acme_Door: { state: 'open' } }";

export function refuse(what: string, value: unknown, expected: string): never {
  throw new RangeError(`${what}: ${shown(value)} is not allowed; allowed: ${expected}`);
}

function refuseName(what: string, name: string, names: readonly string[]): never {
  const there = `there are: ${names.join(', ')}`;
  throw new RangeError(`${what}: there is no ${name}; ${there}${didYouMean(name, names)}`);
}

export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value).slice(0, 80);
  if (typeof value !== 'object' || value === null) return String(value);
  if (typeof (value as { then?: unknown }).then === 'function') return 'a promise';
  return Array.isArray(value) ? 'a list' : `{ ${Object.keys(value).slice(0, 8).join(', ')} }`;
}
