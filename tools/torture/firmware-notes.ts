// SPDX-License-Identifier: Apache-2.0
/** The names of programs in the notes of a board with slots. */

import { createHash } from 'node:crypto';

/** The program that the board was made with. Others have the SHA-256 of their script. */
export const MADE = 'made';

export function digestOf(script: string): string {
  return createHash('sha256').update(script).digest('hex');
}

/** The number of a note. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
