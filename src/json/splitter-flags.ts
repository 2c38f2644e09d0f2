// SPDX-License-Identifier: Apache-2.0

/** Flags of a splitter. Bits, because as many fields would take 16 bytes each. */
export const Is = {
  Failed: 1,
  InList: 2,
  /** The current member is the list. */
  ListNext: 4,
  InElement: 8,
  /** The element is too large: long values are left out. */
  Lean: 16,
  Elided: 32,
  /** The next bytes belong to a value or member that is left out. */
  Skipping: 64,
  /** The text has contained the list. */
  Found: 128,
  /** The member is wanted: it may be long although the element is too large. */
  Wanted: 256,
  /** The text names a next page. */
  More: 512,
} as const;
