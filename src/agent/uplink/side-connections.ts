// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES } from '../../bytes/text.ts';
import type { Endpoint } from '../../endpoint.ts';
import { Channel } from '../../http/channel.ts';
import { identityOf } from '../../http/request.ts';
import type { Transport } from '../../http/transport.ts';
import { NONE } from '../../none.ts';
import type { Transfer, Transfers } from '../../transfers/transfer.ts';
import type { Requests } from './requests.ts';
import { targetOf } from './target.ts';

/** The services of the agent that transfers use. */
export interface SideBase {
  readonly config: { readonly ca: string | undefined };
  readonly backlog: {
    /** The long poll is parked, so operations are listed in place of it. */
    watch(): void;
  };
}

/** The lines of the uplink. */
export interface SideLines {
  readonly transport: Transport;
  readonly requests: Requests;
  /** The line that is parked during transfers; the same as `requests` if there is only one connection. */
  readonly poll: Requests;
}

/** Makes further connections for transfers, and parks the long poll meanwhile. */
export class SideConnections implements Transfers {
  readonly #agent: SideBase;
  readonly #lines: SideLines;
  #transfers: readonly Transfer[] = NONE;

  constructor(agent: SideBase, lines: SideLines) {
    this.#agent = agent;
    this.#lines = lines;
  }

  enter(transfer: Transfer): void {
    this.#transfers = this.#transfers.concat(transfer);
    // Memory is for two connections. Operations created meanwhile stay PENDING, and `watch` lists them.
    const { poll, requests } = this.#lines;
    if (poll === requests) return;
    poll.park(true);
    this.#agent.backlog.watch();
  }

  leave(transfer: Transfer): void {
    this.#transfers = this.#transfers.filter((each) => each !== transfer);
    if (this.#transfers.length === 0) this.#lines.poll.park(false);
  }

  channelTo(endpoint: Endpoint, asDevice: boolean): Channel {
    const { transport, requests } = this.#lines;
    const identity = asDevice ? requests.identity : identityOf(ascii(endpoint.authority), NO_BYTES);
    return new Channel({ transport, target: targetOf(endpoint, { ca: this.#agent.config.ca }), identity });
  }

  /** Stops all transfers, because the agent stops. */
  stop(): void {
    for (const transfer of this.#transfers) transfer.stop();
  }
}
