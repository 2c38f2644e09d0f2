// SPDX-License-Identifier: Apache-2.0

import type { Troubles } from '../agent/base/trouble.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Channel } from '../http/channel.ts';
import type { Identity } from '../http/request.ts';
import type { Transport } from '../http/transport.ts';
import type { Timers } from '../timers/timers.ts';

/** A file on its way, either way. */
export interface Transfer {
  /** Ends it without a word. */
  stop(): void;
}

/** The connections of transfers. While there is a transfer the long poll makes room for it, where memory is for two. */
export interface Transfers {
  enter(transfer: Transfer): void;
  /** Also for one that has left. */
  leave(transfer: Transfer): void;
  /** A connection of the transfer's own. @param asDevice with the credentials of this device */
  channelTo(endpoint: Endpoint, asDevice: boolean): Channel;
}

/** What a transfer needs of the agent. */
export interface TransferBase {
  readonly timers: Timers;
  readonly troubles: Troubles;
  readonly config: { readonly endpoint: Endpoint; readonly allowPlain: boolean };
  readonly uplink: {
    readonly transfers: Transfers;
    /** `ANSWERED`: bytes have come or gone, so the link works. */
    onTrouble(failure: number): void;
  };
  /** As the platform knows this device. */
  readonly board: { readonly idBytes: Uint8Array };
  /** What was thrown has left something half done: the agent starts anew. */
  panic(error: unknown): void;
}

/** What a connection needs of it that is none of HTTP. */
export interface SocketBase extends TransferBase {
  readonly config: TransferBase['config'] & { readonly ca: string | undefined };
  readonly uplink: TransferBase['uplink'] & {
    readonly transport: Transport;
    /** This device, as requests say it at present. */
    readonly requests: { readonly identity: Identity };
  };
}
