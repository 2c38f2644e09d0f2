// SPDX-License-Identifier: Apache-2.0

import type { Base } from './base.ts';
import { Machine } from './machine.ts';

/** Serves many items, one after the other: what fails with one is put off, and the rest goes on. */
export abstract class ItemMachine<A extends Base = Base> extends Machine<A> {
  /** The state that asked last. */
  #asked = -1;
  /** The failure was no refusal, so that it is counted already. */
  #isCounted = false;

  /** Whether the present item has failed before: that others succeed says nothing of it. */
  abstract override get isRetry(): boolean;

  override fail(what: string, reason: string, retryAfterMs?: number): void {
    this.#isCounted = true;
    super.fail(what, reason, retryAfterMs);
  }

  /** Each item that has failed waits by itself. */
  override get dueTicks(): number {
    return 0;
  }

  rewind(): void {
    this.#asked = this.state;
  }

  /** Counts what the platform has refused; whatever else has failed is counted already. True: it was a refusal. */
  protected countRefusal(what: string, reason: string): boolean {
    const isRefusal = !this.#isCounted;
    this.#isCounted = false;
    if (isRefusal) this.failAt(this.trouble?.state ?? this.#asked, what, reason);
    return isRefusal;
  }

  /** The present item's last request was of this state. */
  protected hasAsked(state: number): boolean {
    return this.#asked === state;
  }
}
