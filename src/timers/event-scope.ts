// SPDX-License-Identifier: Apache-2.0
/** Called after each event. */
export interface EventFollower {
  afterEvent(): void;
}

/**
 * Separates the handling of an event from the requests that it causes. Both can be long chains of calls; one after the
 * other they fit into the small stack of XS.
 */
export class EventScope {
  /** Its `afterEvent` is the last call inside each event. */
  last: EventFollower | undefined;
  readonly #followers: EventFollower[] = [];
  #depth = 0;

  /** Adds a follower; its `afterEvent` is called after each event. */
  add(follower: EventFollower): void {
    this.#followers.push(follower);
  }

  /** Removes a follower. */
  remove(follower: EventFollower): void {
    const at = this.#followers.indexOf(follower);
    if (at >= 0) this.#followers.splice(at, 1);
  }

  /** Whether an event is being handled; `afterEvent` follows at its end. */
  get inside(): boolean {
    return this.#depth > 0;
  }

  /** An event of the HAL begins. */
  enter(): void {
    this.#depth++;
  }

  leave(): void {
    if (this.#depth === 1) this.last?.afterEvent();
    if (--this.#depth > 0) return;
    for (let i = 0; i < this.#followers.length; i++) this.#followers[i]?.afterEvent();
  }
}
