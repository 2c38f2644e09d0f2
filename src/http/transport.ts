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
  /** Initial size of the request buffer, and its maximum. */
  readonly requestBytes: number;
  readonly requestMaxBytes: number;
  /** The User-Agent of this client: products as in RFC 9110 §10.1.5. */
  readonly userAgent: Uint8Array;
}

/** Resources that all connections of an agent share, because memory for one of each is enough. */
export class Transport {
  readonly network: Pick<Network, 'connect'>;
  readonly timers: Timers;
  /** Bytes that have just arrived, on any connection. */
  readonly receive: Uint8Array;
  /** The request that is being written, for any connection. */
  readonly request: RequestWriter;
  /** Bytes of the request that its stream has taken. */
  taken = 0;
  /** The turn to set up a connection. */
  readonly handshakes = new Turn();
  /** The turn to write a request. */
  readonly requests = new Turn();

  constructor(options: TransportOptions) {
    this.network = options.network;
    this.timers = options.timers;
    this.receive = new Uint8Array(options.receiveBytes);
    this.request = new RequestWriter(options.requestBytes, options.requestMaxBytes);
    this.request.userAgent = options.userAgent;
  }
}
