// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../bytes/text.ts';

/** In the place of a value that is left out. */
export const NULL = ascii('null');
const BUFFER_MIN_BYTES = 128;

/** What a list looks like and how much of an element is kept. */
export interface ListOptions {
  /** Name (UTF-8) of the member that holds the list; absent: the list is the whole text. */
  readonly listName?: Uint8Array | undefined;
  /** Size of the buffer that one element is collected in, and how far it may grow. */
  readonly bufferBytes: number;
  readonly bufferMaxBytes: number;
  /** Members down to this level of an element survive by name when it is too large: 1 for its own members. */
  readonly memberDepth: number;
}

/** The same with what follows from it; made by `elementList`. */
export interface ElementList extends ListOptions {
  /** Depth of the list's elements. */
  readonly depth: number;
  /** Where values and names end at the latest, so that `null` and closing braces always fit. */
  readonly limitBytes: number;
}

/** Best at module level, where it lies in flash. */
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

/** Who gets the elements; an object and not a function, for a closure costs 200 bytes on XS. */
export interface ElementOwner {
  /**
   * One element, valid JSON, in `[from, to)` until this returns. `elided`: it was too large, and some of its values were
   * replaced by null, or members left out.
   */
  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void;
  /** Of an element too large: whether the member at `memberDepth` whose name is in `[from, to)` is to be kept whole. */
  keeps?(bytes: Uint8Array, from: number, to: number): boolean;
}
