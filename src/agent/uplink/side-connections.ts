// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES } from '../../bytes/text.ts';
import type { Endpoint } from '../../endpoint.ts';
import { Channel } from '../../http/channel.ts';
import { identityOf } from '../../http/request.ts';
import type { Transport } from '../../http/transport.ts';
import type { SocketTransfers, Transfer } from '../../transfers/transfer.ts';
import { ANSWERED } from '../base/request-line.ts';
import type { Requests } from './requests.ts';
import { targetOf } from './target.ts';

/** Who is told of transfers. */
export interface TransferContact {
  /** As of `Contact`. */
  onTrouble(failure: number): void;
  /** The long poll has made room: operations come no other way than by asking for them. */
  onParked(): void;
}

/** Connections besides those of the two lines, for transfers. */
export class SideConnections implements SocketTransfers {
  readonly transport: Transport;
  readonly requests: Requests;
  /** The line that makes room; the same as the other one where there is only one connection. */
  readonly #poll: Requests;
  readonly #ca: string | undefined;
  readonly #contact: TransferContact;
  readonly #transfers: Transfer[] = [];

  constructor(
    transport: Transport,
    requests: Requests,
    poll: Requests,
    ca: string | undefined,
    contact: TransferContact,
  ) {
    this.transport = transport;
    this.requests = requests;
    this.#poll = poll;
    this.#ca = ca;
    this.#contact = contact;
  }

  enter(transfer: Transfer): void {
    this.#transfers.push(transfer);
    // Memory is for two connections. What is sent to the device meanwhile is PENDING, and asked for.
    if (this.#poll === this.requests) return;
    this.#poll.park(true);
    this.#contact.onParked();
  }

  leave(transfer: Transfer): void {
    const at = this.#transfers.indexOf(transfer);
    if (at >= 0) this.#transfers.splice(at, 1);
    if (this.#transfers.length === 0) this.#poll.park(false);
  }

  channelTo(endpoint: Endpoint, asDevice: boolean): Channel {
    const identity = asDevice ? this.requests.identity : identityOf(ascii(endpoint.authority), NO_BYTES);
    return new Channel({ transport: this.transport, target: targetOf(endpoint, { ca: this.#ca }), identity });
  }

  onProgress(): void {
    this.#contact.onTrouble(ANSWERED);
  }

  /** The agent stops. */
  stop(): void {
    for (const transfer of this.#transfers.slice()) transfer.stop();
  }
}
