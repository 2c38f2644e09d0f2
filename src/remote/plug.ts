// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Target } from '../../hal/hal.ts';
import { oneLine } from '../bytes/text.ts';
import { Connection } from '../http/connection.ts';
import { type Failure, failureText } from '../http/failure.ts';
import type { Transport } from '../http/transport.ts';

export interface PlugOwner {
  /** The connection is up. */
  onPlugged(): void;
  /** Bytes wait to be read. */
  onWaiting(): void;
  /** The connection takes bytes again. */
  onRoom(): void;
  /** Called once and last; waiting bytes can still be read until `stop`. @param reason for a person */
  onUnplugged(reason: string): void;
}

/** A plain TCP connection to a host, as one end of a tunnel: it keeps no bytes. */
export class Plug extends Connection implements Pick<ByteStream, 'read'> {
  /** Bytes that it takes now. */
  roomBytes = 0;
  /** Bytes that have arrived and have not been read. */
  waitingBytes = 0;
  /** Written bytes may not have left yet. */
  isUnsent = false;
  /** The connection takes no bytes, and brings only those that wait. */
  isOver = false;
  readonly #owner: PlugOwner;
  #isUp = false;

  constructor(transport: Transport, target: Target, owner: PlugOwner) {
    super(transport, target);
    this.#owner = owner;
  }

  /** Connects; `onPlugged` or `onUnplugged` follows. Without TLS it needs no turn. */
  start(): void {
    this.open();
  }

  read(into: Uint8Array, from: number, to: number): number {
    const count = this.stream?.read(into, from, to) ?? 0;
    // Bytes that have arrived may be gone with the connection.
    this.waitingBytes = count > 0 ? this.waitingBytes - count : 0;
    return count;
  }

  /** Takes `[from, to)`, up to `roomBytes`. */
  write(bytes: Uint8Array, from: number, to: number): void {
    const count = this.stream?.write(bytes, from, to) ?? 0;
    this.roomBytes -= count;
    this.isUnsent = true;
  }

  /** Closes it without calling its owner. */
  stop(): void {
    this.isOver = true;
    this.waitingBytes = 0;
    this.deadline.stop();
    this.disconnect();
  }

  override onWritable(count = 0): void {
    this.roomBytes = count;
    this.isUnsent = false;
    super.onWritable();
  }

  override onTurn(): void {}

  override onDeadline(): void {
    this.#end('no answer in time');
  }

  protected override advance(): void {
    const isFirst = !this.#isUp;
    this.#isUp = true;
    this.deadline.stop();
    if (isFirst) this.#owner.onPlugged();
    else this.#owner.onRoom();
  }

  protected override receive(count: number): void {
    this.waitingBytes = count;
    this.#owner.onWaiting();
  }

  protected override ended(): void {
    this.#end('it has closed the connection');
  }

  protected override fail(failure: Failure): void {
    this.#end(this.detail === '' ? failureText(failure) : `${failureText(failure)} (${oneLine(this.detail)})`);
  }

  #end(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.deadline.stop();
    this.#owner.onUnplugged(reason);
  }
}
