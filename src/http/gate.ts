/** Who waits at a `HandshakeGate`. */
export interface GateWaiter {
  /** The gate is yours now; `leave` it when the handshake is over. */
  onTurn(): void;
}

/**
 * Lets one connection at a time be set up: the memory peaks of two TLS handshakes together do not fit into a board.
 * Each waiter is held at most once, so the line is never longer than there are channels.
 */
export class HandshakeGate {
  #holder: GateWaiter | undefined;
  readonly #waiting: GateWaiter[] = [];

  /** True: go on at once. False: `onTurn` will be called, unless `leave` comes first. */
  enter(waiter: GateWaiter): boolean {
    if (this.#holder === undefined || this.#holder === waiter) {
      this.#holder = waiter;
      return true;
    }
    if (!this.#waiting.includes(waiter)) this.#waiting.push(waiter);
    return false;
  }

  /** Gives the gate to who waits longest, or the place in the line away. Does nothing for who has neither. */
  leave(waiter: GateWaiter): void {
    if (this.#holder === waiter) {
      this.#holder = this.#waiting.shift();
      this.#holder?.onTurn();
      return;
    }
    const place = this.#waiting.indexOf(waiter);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}
