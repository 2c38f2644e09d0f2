// SPDX-License-Identifier: Apache-2.0

import { firstElement, firstMember, memberValue, nextElement, nextMember, readString } from './scan.ts';

/**
 * Index of what lies at `path` within the value at `at`, as `rooms[2].name`; -1 when there is none. Of members with the
 * same name it is the last one, as JSON.parse has it.
 */
export function valueAtPath(b: Uint8Array, at: number, to: number, path: string): number {
  // A name alone, as nearly every path is, costs no pieces of text.
  if (path.indexOf('.') < 0 && path.indexOf('[') < 0) return member(b, at, to, path);
  let found = at;
  for (const step of path.split(/\.|(?=\[)/)) {
    const index = /^\[(\d+)\]$/.exec(step)?.[1];
    if (index === undefined) {
      found = member(b, found, to, step);
      continue;
    }
    found = firstElement(b, found, to);
    for (let left = Number(index); left > 0 && found >= 0; left--) found = nextElement(b, found, to);
  }
  return found;
}

function member(b: Uint8Array, at: number, to: number, name: string): number {
  let found = -1;
  // The few names that there are as texts take less than the one that is looked for as bytes.
  for (let i = firstMember(b, at, to); i >= 0; i = nextMember(b, i, to)) {
    if (readString(b, i, to) === name) found = memberValue(b, i, to);
  }
  return found;
}
