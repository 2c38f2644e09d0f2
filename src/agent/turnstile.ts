import type { Requests } from './requests.ts';

/**
 * Lets no request be sent while an answer is still being worked on. What an answer leads to can be a long chain of
 * calls, and sending the next request another one; one after the other they fit into the small stack of XS.
 */
export class Turnstile {
  readonly #lines: Requests[] = [];
  #depth = 0;

  add(line: Requests): void {
    this.#lines.push(line);
  }

  /** True: an answer is being worked on; `turn` follows when that is over. */
  get inside(): boolean {
    return this.#depth > 0;
  }

  /** The link is back: all lines try at once. */
  wake(): void {
    for (let i = 0; i < this.#lines.length; i++) this.#lines[i]?.wake();
  }

  enter(): void {
    this.#depth++;
  }

  leave(): void {
    if (--this.#depth > 0) return;
    for (let i = 0; i < this.#lines.length; i++) this.#lines[i]?.turn();
  }
}
