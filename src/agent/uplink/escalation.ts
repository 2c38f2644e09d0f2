// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../base/base.ts';

/** The name of the note on flash that the outage has caused a restart; deleted at the first successful exchange. */
export const RESTARTED = 'uplink';

/** The services of the agent that an outage uses. */
export interface OutageBase extends Pick<Base, 'hal' | 'config' | 'timers'>, Memory {
  /** With `flashQueue`, records outlive a restart. */
  readonly parts: readonly { readonly flashQueue?: unknown }[];
  /** Time since the start of the agent. */
  readonly upMs: number;
  readonly uplink: {
    /** Makes new connections for all lines that fail. */
    reconnect(): void;
  };
  restart(reason: string): void;
}

/** The reaction of the device to an outage. */
export interface Escalation {
  /** An exchange has succeeded, or the agent stops. */
  stop(): void;
  /** A request has failed. @param failure one of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
}

/** A part that ends an outage by force: new connections, a reset of the link, a restart. */
export interface EscalationPart {
  /** Called when an outage begins. */
  readonly escalation: (agent: OutageBase) => Escalation;
}
