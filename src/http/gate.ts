// SPDX-License-Identifier: Apache-2.0
/** Who waits at a `Gate`. */
export interface GateWaiter {
  /** The gate is yours now; `leave` it when you are through. */
  onTurn(gate: Gate): void;
}

/**
 * Lets one connection at a time use what there is only once: the memory for a TLS handshake, the request buffer.
 * Each waiter is held at most once, so the line is never longer than there are channels.
 */
export class Gate {
  #holder: GateWaiter | undefined;
  /** There while somebody waits. */
  #waiting: GateWaiter[] | undefined;

  /** True: go on at once. False: `onTurn` will be called, unless `leave` comes first. */
  enter(waiter: GateWaiter): boolean {
    if (this.#holder === undefined || this.#holder === waiter) {
      this.#holder = waiter;
      return true;
    }
    this.#waiting ??= [];
    if (!this.#waiting.includes(waiter)) this.#waiting.push(waiter);
    return false;
  }

  isHeldBy(waiter: GateWaiter): boolean {
    return this.#holder === waiter;
  }

  /** Gives the gate to who waits longest, or the place in the line away. Does nothing for who has neither. */
  leave(waiter: GateWaiter): void {
    const waiting = this.#waiting;
    const place = waiting?.indexOf(waiter) ?? -1;
    if (place >= 0) waiting?.splice(place, 1);
    if (this.#holder !== waiter) return;
    this.#holder = waiting?.shift();
    if (waiting?.length === 0) this.#waiting = undefined;
    this.#holder?.onTurn(this);
  }
}
