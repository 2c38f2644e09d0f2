// SPDX-License-Identifier: Apache-2.0
/** The views of the page, and what each of them gets. */

import type { Store } from './store.ts';

export const viewNames = ['fleet', 'device', 'wire', 'inside', 'trouble', 'breaches'] as const;
export type ViewName = (typeof viewNames)[number];

/** What a view gets. */
export interface ViewProps {
  readonly store: Store;
  /** Id of the device that is looked at; undefined: there is none yet. */
  readonly deviceId: string | undefined;
  readonly go: (view: ViewName, deviceId?: string) => void;
}
