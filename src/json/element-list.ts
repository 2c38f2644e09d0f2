// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../bytes/text.ts';

/** Replaces a value that is left out. */
export const NULL = ascii('null');
const BUFFER_MIN_BYTES = 128;

/** The shape of a list, and how much of an element is kept. */
export interface ListOptions {
  /** Name (UTF-8) of the member that holds the list; absent: the list is the whole text. */
  readonly listName?: Uint8Array | undefined;
  /** Initial size of the buffer that collects one element, and its maximum. */
  readonly bufferBytes: number;
  readonly bufferMaxBytes: number;
  /** Members down to this level keep their names in an element that is too large; 1 for the element's own members. */
  readonly memberDepth: number;
}

/** Options with the values derived from them; made by `elementList`. */
export interface ElementList extends ListOptions {
  /** Depth of the list's elements. */
  readonly depth: number;
  /** Limit for values and names, so that `null` and closing braces always fit. */
  readonly limitBytes: number;
}

/** Completes the options. Best called at module level, where the result lies in flash. */
export function elementList(options: ListOptions): ElementList {
  const bufferBytes = Math.max(options.bufferBytes, BUFFER_MIN_BYTES);
  const bufferMaxBytes = Math.max(options.bufferMaxBytes, bufferBytes);
  return {
    listName: options.listName,
    bufferBytes,
    bufferMaxBytes,
    memberDepth: options.memberDepth,
    depth: options.listName === undefined ? 1 : 2,
    limitBytes: bufferMaxBytes - NULL.length - options.memberDepth,
  };
}

/** Receives the elements. An object, not a function: a closure costs 200 bytes on XS. */
export interface ElementOwner {
  /**
   * One element, valid JSON in `[from, to)`, until this returns. `elided`: the element was too large, so some values
   * were replaced by null or members were left out.
   */
  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void;
  /** Whether an element that is too large keeps all of the member at `memberDepth` whose name is in `[from, to)`. */
  keeps?(bytes: Uint8Array, from: number, to: number): boolean;
}
