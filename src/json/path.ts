// SPDX-License-Identifier: Apache-2.0

import { firstElement, firstMember, memberValue, nextElement, nextMember, readString } from './scan.ts';

/**
 * Index of what lies at `path` within the value at `at`, as `rooms[2].name`; -1 when there is none. Of members with the
 * same name it is the last one, as JSON.parse has it.
 */
export function valueAtPath(b: Uint8Array, at: number, to: number, path: string): number {
  let found = at;
  for (const step of path.split(/\.|(?=\[)/)) {
    const index = /^\[(\d+)\]$/.exec(step)?.[1];
    found = index === undefined ? memberNamed(b, found, to, step) : elementAt(b, found, to, Number(index));
  }
  return found;
}

/** How many elements the array at `at` has; undefined: there is no array. */
export function countElements(b: Uint8Array, at: number, to: number): number | undefined {
  if (at < 0 || b[at] !== 0x5b) return undefined;
  let count = 0;
  for (let i = firstElement(b, at, to); i >= 0; i = nextElement(b, i, to)) count++;
  return count;
}

function elementAt(b: Uint8Array, at: number, to: number, index: number): number {
  let element = firstElement(b, at, to);
  for (let i = 0; i < index; i++) element = nextElement(b, element, to);
  return element;
}

/** The few names that there are as texts take less than the one that is looked for as bytes. */
function memberNamed(b: Uint8Array, at: number, to: number, name: string): number {
  let found = -1;
  for (let i = firstMember(b, at, to); i >= 0; i = nextMember(b, i, to)) {
    if (readString(b, i, to) === name) found = memberValue(b, i, to);
  }
  return found;
}
