// SPDX-License-Identifier: Apache-2.0
/** The wire between a device and its platform in the hands of somebody who means ill. */

import type { FakePeer } from '../../hal/fake/connection.ts';
import { FakeNetwork, type ListenOptions } from '../../hal/fake/network.ts';
import { VirtualTime } from '../../hal/fake/time.ts';
import type { WireRequest } from '../../tools/simulate/wire/request-reader.ts';

/** How a connection ends in the middle of an answer: closed, broken off, or silent for ever. */
export type Ending = 'end' | 'reset' | 'silence';
export const endings: readonly Ending[] = ['end', 'reset', 'silence'];

/** One request of the device, and the line that its answer takes. */
export class Transit {
  /** Counts requests from 1. */
  readonly number: number;
  readonly request: WireRequest;
  /** Bytes of the answer that the platform has sent so far. */
  sentBytes = 0;
  readonly #line: Line;

  constructor(line: Line, number: number, request: WireRequest) {
    this.#line = line;
    this.number = number;
    this.request = request;
  }

  get time(): VirtualTime {
    return this.#line.time;
  }

  /** Bytes for the device, whoever has made them up. */
  send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#line.peer.send(bytes);
  }

  /** The connection is of no more use to either side. */
  cut(how: Ending): void {
    this.#line.cut(how);
  }

  /** Whether bytes still arrive. */
  get open(): boolean {
    return this.#line.peer.connected;
  }
}

/** Hears of every piece of an answer and decides what becomes of it. */
export type Meddler = (transit: Transit, bytes: Uint8Array) => void;

/** What a device gets instead of the platform's answer, which never hears of the request; undefined: all is well. */
export type Impostor = (transit: Transit) => Uint8Array | undefined;

/** One connection, from the platform's side. */
class Line implements FakePeer {
  readonly peer: FakePeer;
  readonly #network: HostileNetwork;
  #transit: Transit | undefined;
  #cut = false;
  onData: (bytes: Uint8Array) => void = () => {};
  onClose: () => void = () => {};

  constructor(network: HostileNetwork, peer: FakePeer) {
    this.#network = network;
    this.peer = peer;
    peer.onData = (bytes) => {
      if (this.#cut) return;
      network.receiving = this;
      this.onData(bytes);
    };
    peer.onClose = () => this.onClose();
  }

  get target() {
    return this.peer.target;
  }

  get time(): VirtualTime {
    return this.#network.time;
  }

  get connected(): boolean {
    return this.peer.connected;
  }

  /** A request has come over this line: what is sent from now on answers it. */
  begin(number: number, request: WireRequest): Transit {
    this.#transit = new Transit(this, number, request);
    return this.#transit;
  }

  send(bytes: Uint8Array): void {
    const transit = this.#transit;
    if (this.#cut || transit === undefined) return;
    this.#network.meddler(transit, bytes);
    transit.sentBytes += bytes.length;
  }

  cut(how: Ending): void {
    this.#cut = true;
    if (how === 'end') this.peer.end();
    else if (how === 'reset') this.time.schedule(3 * this.#network.latencyMs, () => this.#breakOff());
  }

  #breakOff(): void {
    if (!this.peer.connected) return;
    this.peer.reset();
    this.onClose();
  }

  end(): void {
    if (!this.#cut) this.peer.end();
  }

  reset(): void {
    if (!this.#cut) this.peer.reset();
  }

  pause(): void {
    this.peer.pause();
  }

  resume(): void {
    this.peer.resume();
  }

  vanish(): void {
    this.peer.vanish();
  }
}

/** A network whose answers can be changed on their way. */
export class HostileNetwork extends FakeNetwork {
  /** Absent a test's own: everything passes. */
  meddler: Meddler = (transit, bytes) => transit.send(bytes);
  impostor: Impostor = () => undefined;
  /** The line whose bytes are being read. */
  receiving: Line | undefined;

  constructor() {
    super(new VirtualTime());
  }

  override listen(
    host: string,
    port: number,
    onConnection: (peer: FakePeer) => void,
    options?: ListenOptions,
  ): () => void {
    return super.listen(host, port, (peer) => onConnection(new Line(this, peer)), options);
  }

  /** To be called with each request before the platform sees it; false: it has been answered. */
  asked(request: WireRequest, number: number): boolean {
    const transit = this.receiving?.begin(number, request);
    const answer = transit === undefined ? undefined : this.impostor(transit);
    if (answer === undefined) return true;
    transit?.send(answer);
    return false;
  }
}

/** What a request is for, whatever the ids in it: the unit by which answers are told apart. */
export function kindOf({ method, path, body }: WireRequest): string {
  const target = (path.split('?')[0] ?? '').replace(/\/\d+/g, '/*').replace(/(externalIds\/[^/]+)\/.*/, '$1/*');
  const channel = /"\/meta\/(\w+)"/.exec(Buffer.from(body).toString('latin1'))?.[1];
  const status =
    /[?&]status=(\w+)/.exec(path)?.[1] ?? /"status":"(\w+)"/.exec(Buffer.from(body).toString('latin1'))?.[1];
  return [method, target, channel, status].filter((part) => part !== undefined).join(' ');
}
