// SPDX-License-Identifier: Apache-2.0
/** `fractus` on a desk and in tests: the same as on a board, but its calls look at their arguments, for which a board has no room. */

export * from '../src/index.ts';
export { measurement } from '../tools/author/described.ts';
