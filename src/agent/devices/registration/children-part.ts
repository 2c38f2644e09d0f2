// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../../api.ts';
import type { Child, ChildBase } from '../child.ts';
import type { Placement } from './placement.ts';
import type { Registration } from './registration.ts';
import type { Succession } from './succession.ts';

/** A part that gives children to the board. */
export interface ChildrenPart {
  readonly children: {
    /** Declares a child. @throws RangeError when the id is not allowed or is taken */
    readonly add: (agent: ChildBase, id: string, definition: ChildDefinition) => Child;
    /** The delegates of the registrar that are for children only. */
    readonly Placement: new (
      registration: Registration,
    ) => Placement;
    readonly Succession: new (registration: Registration) => Succession;
  };
}
