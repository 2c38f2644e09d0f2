// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../base/base.ts';

/** What a restart for want of progress leaves on flash, until there is some. */
export const RESTARTED = 'uplink';

/** What an outage needs of the agent. */
export interface OutageBase extends Pick<Base, 'hal' | 'config' | 'timers'>, Memory {
  /** `flashQueue`: records outlive a restart. */
  readonly parts: readonly { readonly flashQueue?: unknown }[];
  /** Since the start. */
  readonly upMs: number;
  readonly uplink: {
    /** Everything that is under way begins anew. */
    reconnect(): void;
  };
  restart(reason: string): void;
}

/** What the device does by itself while no exchange succeeds. */
export interface Escalation {
  /** Some exchange has succeeded, or the agent ends. */
  stop(): void;
  /** A request has failed. @param failure out of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
}

/** What gets a device out of an outage by force. */
export interface EscalationPart {
  /** An outage begins. */
  readonly escalation: (agent: OutageBase) => Escalation;
}
