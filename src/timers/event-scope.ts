// SPDX-License-Identifier: Apache-2.0
/** Who has something to do when an event is over. */
export interface EventFollower {
  afterEvent(): void;
}

/**
 * Keeps apart what an event leads to and what is sent because of it. Working on an event can be a long chain of calls,
 * and writing the next request another one; one after the other they fit into the small stack of XS.
 */
export class EventScope {
  /** Its `afterEvent` is the last thing that happens within each event. */
  last: EventFollower | undefined = undefined;
  readonly #followers: EventFollower[] = [];
  #depth = 0;

  /** `afterEvent` is called after each event. */
  add(follower: EventFollower): void {
    this.#followers.push(follower);
  }

  /** It is called no more. */
  remove(follower: EventFollower): void {
    const at = this.#followers.indexOf(follower);
    if (at >= 0) this.#followers.splice(at, 1);
  }

  /** True: an event is being worked on; `afterEvent` follows when that is over. */
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
