// SPDX-License-Identifier: Apache-2.0
/** One that waits for its turn. */
export interface TurnWaiter {
  /** It is its turn now; it calls `leave` when it is through. */
  onTurn(turn: Turn): void;
}

/**
 * Lets one connection at a time use what there is only once: the memory for a TLS handshake, the request buffer.
 * Each waiter is held at most once, so the line is never longer than there are channels.
 */
export class Turn {
  #holder: TurnWaiter | undefined;
  /** There while somebody waits. */
  #waiting: TurnWaiter[] | undefined;

  /** True: go on at once. False: `onTurn` will be called, unless `leave` comes first. */
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

  /** Ends its turn: the one that has waited longest is next. One that waits gives up its place; nothing happens to others. */
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
