// SPDX-License-Identifier: Apache-2.0

import type { Network } from '../../hal/hal.ts';
import type { Timers } from '../timers/timers.ts';
import { RequestWriter } from './request.ts';
import { Turn } from './turn.ts';

export interface TransportOptions {
  readonly network: Pick<Network, 'connect'>;
  readonly timers: Timers;
  /** Size of the receive buffer: the longest line of a response head that matters. */
  readonly receiveBytes: number;
  /** Size of the request buffer, and how far it may grow. */
  readonly requestBytes: number;
  readonly requestMaxBytes: number;
  /** What this client calls itself: products as in RFC 9110 §10.1.5. */
  readonly userAgent: Uint8Array;
}

/** What all connections of an agent share, because memory for one of each is enough. */
export class Transport {
  readonly network: Pick<Network, 'connect'>;
  readonly timers: Timers;
  /** What has just come in, on whichever connection. */
  readonly receive: Uint8Array;
  /** The request that is being written out, on whichever connection. */
  readonly request: RequestWriter;
  /** Bytes of it that its stream has taken. */
  taken = 0;
  /** Who may set up a connection. */
  readonly handshakes = new Turn();
  /** Who may write a request. */
  readonly requests = new Turn();

  constructor(options: TransportOptions) {
    this.network = options.network;
    this.timers = options.timers;
    this.receive = new Uint8Array(options.receiveBytes);
    this.request = new RequestWriter(options.requestBytes, options.requestMaxBytes);
    this.request.userAgent = options.userAgent;
  }
}
