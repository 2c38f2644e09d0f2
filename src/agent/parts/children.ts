// SPDX-License-Identifier: Apache-2.0

import { addChild } from '../devices/child.ts';
import { Placement } from '../devices/registration/placement.ts';
import { Succession } from '../devices/registration/succession.ts';
import type { Part } from './part.ts';

/**
 * Children of the board: their registration, their place under it, and their objects when the board is replaced (guide
 * step 5). Without this part, `board.child` is an error.
 */
export const children: Part = {
  children: { add: addChild, Placement, Succession },
};
