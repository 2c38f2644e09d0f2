// SPDX-License-Identifier: Apache-2.0
/** What a server, or a gateway in front of it, says wrongly about a file that it sends. */

/** Lies about a whole file. */
export const WHOLE_LIES = ['longer', 'short', 'gzip'] as const;
/** Lies about the requested part of a file. */
export const PART_LIES = [
  ...(['other-tag', 'weak-tag', 'other-start', 'other-total'] as const),
  ...(['as-whole', 'short-part', 'surplus'] as const),
] as const;
export const LIES = [...WHOLE_LIES, ...PART_LIES] as const;
export type Lie = (typeof LIES)[number];
