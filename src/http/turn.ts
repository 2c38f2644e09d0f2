// SPDX-License-Identifier: Apache-2.0
/** Waits for its turn. */
export interface TurnWaiter {
  /** The turn has come; the waiter calls `leave` when it has finished. */
  onTurn(turn: Turn): void;
}

/**
 * Lets one connection at a time use a thing that exists once: the memory for a TLS handshake, the request buffer. Each
 * waiter waits at most once, so there are never more waiters than channels.
 */
export class Turn {
  #holder: TurnWaiter | undefined;
  /** Defined while somebody waits. */
  #waiting: TurnWaiter[] | undefined;

  /** True: it is the waiter's turn now. False: `onTurn` will be called, unless `leave` comes first. */
  enter(waiter: TurnWaiter): boolean {
    if (this.#holder === undefined || this.#holder === waiter) {
      this.#holder = waiter;
      return true;
    }
    this.#waiting ??= [];
    if (!this.#waiting.includes(waiter)) this.#waiting.push(waiter);
    return false;
  }

  isHeldBy(waiter: TurnWaiter): boolean {
    return this.#holder === waiter;
  }

  /** Ends the waiter's turn: the one that has waited longest is next. A waiter without the turn gives up its place. */
  leave(waiter: TurnWaiter): void {
    const waiting = this.#waiting;
    const place = waiting?.indexOf(waiter) ?? -1;
    if (place >= 0) waiting?.splice(place, 1);
    if (this.#holder !== waiter) return;
    this.#holder = waiting?.shift();
    if (waiting?.length === 0) this.#waiting = undefined;
    this.#holder?.onTurn(this);
  }
}
