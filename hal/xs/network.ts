// SPDX-License-Identifier: Apache-2.0

import { checkTarget } from '../common/checks.ts';
import type { ByteStream, Network, StreamHandler, Target } from '../hal.ts';
import { LINK_DOWN, Op } from './protocol.ts';
import { XsStream } from './stream.ts';

/** Connections that the agent may hold; the parent refuses those beyond the 16 that the board has buffers for. */
const PLACES = 64;

export class XsNetwork implements Network {
  /** By place; the id of a stream is its place plus a multiple of `PLACES`, another one each time. */
  readonly #streams: (XsStream | undefined)[] = [];
  #generation = 0;
  #up = xsHost.call(Op.NetworkUp, 0, 0) === 1;
  #listener: ((up: boolean) => void) | undefined;

  /** As last reported to the agent; the parent may already know better. */
  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#up && xsHost.call(Op.NetworkAddress, 0, 0) === 1 ? xsHost.text() : undefined;
  }

  get signalDbm(): number | undefined {
    const dbm = xsHost.call(Op.NetworkSignal, 0, 0);
    return Number.isNaN(dbm) ? undefined : dbm;
  }

  onChange(listener: (up: boolean) => void): void {
    this.#listener = listener;
  }

  reset(): void {
    xsHost.send(Op.NetworkReset, 0, 0);
  }

  connect(target: Target, handler: StreamHandler): ByteStream {
    checkTarget(target);
    const { host, port, tls } = target;
    const place = this.freePlace();
    this.#generation = (this.#generation % 0xffff) + 1;
    const stream = new XsStream(this.#generation * PLACES + place, handler, this);
    this.#streams[place] = stream;
    // Copied, because XS cannot turn an object in flash into JSON.
    const copy = { host, port, tls: tls && { ca: tls.ca, certificate: tls.certificate, privateKey: tls.privateKey } };
    const windowBytes = this.#up ? xsHost.open(stream.id) : LINK_DOWN;
    xsHost.send(Op.StreamConnect, stream.id, windowBytes, 0, JSON.stringify(copy));
    return stream;
  }

  changed(up: boolean): void {
    this.#up = up;
    this.#listener?.(up);
  }

  /** Undefined: it is closed. */
  find(id: number): XsStream | undefined {
    const stream = this.#streams[id % PLACES];
    return stream?.id === id ? stream : undefined;
  }

  /** Called by a stream when it is closed. */
  release(stream: XsStream): void {
    this.#streams[stream.id % PLACES] = undefined;
  }

  private freePlace(): number {
    for (let place = 0; place < PLACES; place++) if (this.#streams[place] === undefined) return place;
    throw new RangeError(`network: ${PLACES} connections were opened and never closed`);
  }
}
