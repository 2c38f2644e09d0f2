// SPDX-License-Identifier: Apache-2.0

import type { Authority, AuthorityBase } from '../agent/uplink/authority.ts';
import type { Command, Host } from '../capability.ts';
import type { Transport } from '../http/transport.ts';
import type { Transfers } from '../transfers/transfer.ts';

/** The services of the agent that enrolment uses. */
export interface EnrolmentBase extends AuthorityBase, Pick<Host, 'commands'> {
  readonly hal: AuthorityBase['hal'];
  /** True: it is too late to replace the authority. */
  readonly started: boolean;
  readonly uplink: AuthorityBase['uplink'] & {
    /** The authority of all requests; may be replaced before the start. */
    authority: Authority | undefined;
    readonly transport: Transport;
    readonly transfers: Transfers;
    /** Empty while requests have no credentials. */
    readonly user: string;
    /** `ANSWERED`: the link works. */
    onTrouble(failure: number): void;
  };
  readonly board: {
    event(type: string, text: string): void;
    alarm(type: string, severity: 'MAJOR', text: string): void;
    clear(type: string): void;
    command(command: Command): void;
  };
}
