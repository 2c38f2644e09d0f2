// SPDX-License-Identifier: Apache-2.0
/** The views of the page, and their properties. */

import type { Store } from './store.ts';

export const viewNames = ['fleet', 'device', 'wire', 'inside', 'trouble', 'breaches'] as const;
export type ViewName = (typeof viewNames)[number];

/** Properties of a view. */
export interface ViewProps {
  readonly store: Store;
  /** Id of the displayed device; undefined: there is none yet. */
  readonly deviceId: string | undefined;
  readonly go: (view: ViewName, deviceId?: string) => void;
}
