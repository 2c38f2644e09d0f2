// SPDX-License-Identifier: Apache-2.0

import type { Authority, AuthorityBase } from '../agent/uplink/authority.ts';
import type { Command, Host } from '../capabilities/capability.ts';
import type { Transport } from '../http/transport.ts';
import type { Transfers } from '../transfers/transfer.ts';

/** What enrolment needs of the agent. */
export interface EnrolmentBase extends AuthorityBase, Pick<Host, 'commands'> {
  readonly hal: AuthorityBase['hal'];
  /** Too late. */
  readonly started: boolean;
  readonly uplink: AuthorityBase['uplink'] & {
    /** Who is asked for what requests need; may be replaced before the start. */
    authority: Authority | undefined;
    readonly transport: Transport;
    readonly transfers: Transfers;
    /** Empty while requests go out as nobody. */
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
