// SPDX-License-Identifier: Apache-2.0

import { firstElement, firstMember, memberValue, nextElement, nextMember, readString } from './scan.ts';

/**
 * Index of the value at `path`, such as `rooms[2].name`, within the value at `at`; -1 when there is none. Of members
 * with the same name the last one counts, as in JSON.parse.
 */
export function valueAtPath(b: Uint8Array, at: number, to: number, path: string): number {
  // Almost every path is a single name, which needs no split.
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
  // Decoding the few names that exist costs less than encoding the one that is searched.
  for (let i = firstMember(b, at, to); i >= 0; i = nextMember(b, i, to)) {
    if (readString(b, i, to) === name) found = memberValue(b, i, to);
  }
  return found;
}
