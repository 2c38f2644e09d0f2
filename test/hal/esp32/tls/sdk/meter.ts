// SPDX-License-Identifier: Apache-2.0
/** What the arithmetic of the stand-ins has cost so far. */
export const meter = {
  /** Of big numbers, modulo another. */
  multiplications: 0,
  /** Of points. */
  points: 0,
  signatures: 0,
};
