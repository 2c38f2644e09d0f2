// SPDX-License-Identifier: Apache-2.0

import type { Base } from './base.ts';
import { Machine } from './machine.ts';

/** Works on many items, one after the other. An item that fails is put off, and the others go on. */
export abstract class ItemMachine<A extends Base = Base> extends Machine<A> {
  /** The state that sent the last request. */
  #asked = -1;
  /** Whether `fail` has counted the last failure, because it was no refusal. */
  #isCounted = false;

  /** Whether the present item has failed before. The success of other items does not count. */
  abstract override get isRetry(): boolean;

  override fail(what: string, reason: string, retryAfterMs?: number): void {
    this.#isCounted = true;
    super.fail(what, reason, retryAfterMs);
  }

  /** Always 0: each failed item has a pause of its own. */
  override get dueTicks(): number {
    return 0;
  }

  rewind(): void {
    this.#asked = this.state;
  }

  /** Counts a refusal by the platform; `fail` has counted every other failure. True: it was a refusal. */
  protected countRefusal(what: string, reason: string): boolean {
    const isRefusal = !this.#isCounted;
    this.#isCounted = false;
    if (isRefusal) this.failAt(this.trouble?.state ?? this.#asked, what, reason);
    return isRefusal;
  }

  /** Whether the last request was sent in this state. */
  protected hasAsked(state: number): boolean {
    return this.#asked === state;
  }
}
