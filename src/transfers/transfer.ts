// SPDX-License-Identifier: Apache-2.0

import type { Troubles } from '../base/trouble.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Channel } from '../http/channel.ts';
import type { Identity } from '../http/request.ts';
import type { Transport } from '../http/transport.ts';
import type { Timers } from '../timers/timers.ts';

/** A file on its way, in either direction. */
export interface Transfer {
  /** Ends it without a report. */
  stop(): void;
}

/** The connections of transfers. During a transfer the long poll makes room for it where memory is for two. */
export interface Transfers {
  enter(transfer: Transfer): void;
  /** Also for a transfer that has left. */
  leave(transfer: Transfer): void;
  /** A connection of the transfer's own. @param asDevice with the credentials of this device */
  channelTo(endpoint: Endpoint, asDevice: boolean): Channel;
}

/** The services of the agent that a transfer uses. */
export interface TransferBase {
  readonly timers: Timers;
  readonly troubles: Troubles;
  readonly config: { readonly endpoint: Endpoint; readonly allowPlain: boolean };
  readonly uplink: {
    readonly transfers: Transfers;
    /** `ANSWERED`: bytes have come or gone, so the link works. */
    onTrouble(failure: number): void;
  };
  /** This device, by its id on the platform. */
  readonly board: { readonly idBytes: Uint8Array };
  /** An exception has left the agent in an undefined state: it restarts. */
  panic(error: unknown): void;
}

/** The services of the agent that a connection other than HTTP uses. */
export interface SocketBase extends TransferBase {
  readonly config: TransferBase['config'] & { readonly ca: string | undefined };
  readonly uplink: TransferBase['uplink'] & {
    readonly transport: Transport;
    /** The current identity of this device in requests. */
    readonly requests: { readonly identity: Identity };
  };
}
