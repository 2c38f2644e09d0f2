// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Clock, NetworkErrorKind, StreamHandler, Target, Timer } from '../../hal/hal.ts';

/** A clock and timers that move only when told to. */
export class VirtualClock {
  readonly clock: Clock = { ticks: () => this.#now, now: () => undefined, set: () => undefined };
  /** How often a timer was started. */
  starts = 0;
  #now = 0;
  readonly #timers: { dueMs: number | undefined; onTimeout: () => void }[] = [];

  ticks(): number {
    return this.#now;
  }

  createTimer(onTimeout: () => void): Timer {
    const timer: { dueMs: number | undefined; onTimeout: () => void } = { dueMs: undefined, onTimeout };
    this.#timers.push(timer);
    return {
      start: (delayMs) => {
        this.starts++;
        timer.dueMs = this.#now + delayMs;
      },
      stop: () => {
        timer.dueMs = undefined;
      },
    };
  }

  /** Lets time pass; timers run at their moments. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let i = 0; this.#turn(until); i++) if (i > 10_000) throw new Error('the timers do not come to rest');
    this.#now = until;
  }

  /** Runs that many timers that are due now. */
  events(count: number): void {
    for (let i = 0; i < count; i++) this.#turn(this.#now);
  }

  /** Calls the timers although they are not due. */
  callEarly(): void {
    for (const timer of this.#timers) {
      if (timer.dueMs === undefined) continue;
      timer.dueMs = undefined;
      timer.onTimeout();
    }
  }

  #turn(until: number): boolean {
    let first: { dueMs: number | undefined; onTimeout: () => void } | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs !== undefined && timer.dueMs <= until && timer.dueMs < (first?.dueMs ?? Infinity)) first = timer;
    }
    if (first?.dueMs === undefined) return false;
    this.#now = Math.max(this.#now, first.dueMs);
    first.dueMs = undefined;
    first.onTimeout();
    return true;
  }
}

/** The far end of one connection, under the test's control. Keeps the HAL's rules and checks that the agent does. */
export class Peer implements ByteStream {
  readonly target: Target;
  closed = false;
  /** What the agent has written. */
  received = '';
  /** `write` was called with nothing announced. */
  unannounced = 0;
  readonly #handler: StreamHandler;
  #waiting = new Uint8Array(0);
  #credit = 0;
  #dead = false;

  constructor(target: Target, handler: StreamHandler) {
    this.target = target;
    this.#handler = handler;
  }

  /** No event may come any more. */
  get over(): boolean {
    return this.closed || this.#dead;
  }

  // The test's side.

  open(credit = 1 << 20): this {
    this.#handler.onOpen();
    return this.writable(credit);
  }

  writable(credit: number): this {
    this.#credit = credit;
    if (!this.closed) this.#handler.onWritable(credit);
    return this;
  }

  send(text: string): this {
    const more = Buffer.from(text, 'latin1');
    this.#waiting = Buffer.concat([this.#waiting, more]);
    if (!this.closed) this.#handler.onReadable(this.#waiting.length);
    return this;
  }

  end(): void {
    this.#dead = true;
    if (!this.closed) this.#handler.onEnd();
  }

  fail(kind: NetworkErrorKind, detail = ''): void {
    this.#dead = true;
    if (!this.closed) this.#handler.onError(kind, detail);
  }

  // The agent's side.

  read(into: Uint8Array, from: number, to: number): number {
    if (this.closed) throw new Error('read after close');
    const count = Math.min(this.#waiting.length, to - from);
    into.set(this.#waiting.subarray(0, count), from);
    this.#waiting = this.#waiting.slice(count);
    return count;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.closed) throw new Error('write after close');
    if (this.#dead) return 0;
    if (this.#credit === 0) this.unannounced++;
    const count = Math.min(this.#credit, to - from);
    this.#credit -= count;
    this.received += Buffer.from(bytes.subarray(from, from + count)).toString('latin1');
    return count;
  }

  close(): void {
    this.closed = true;
  }
}

/** Hands out a `Peer` for each connection asked for. */
export class ScriptedNetwork {
  readonly peers: Peer[] = [];

  connect(target: Target, handler: StreamHandler): ByteStream {
    const peer = new Peer(target, handler);
    this.peers.push(peer);
    return peer;
  }

  /** The connection opened last. */
  get last(): Peer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error('no connection was opened');
    return peer;
  }
}
