// SPDX-License-Identifier: Apache-2.0
/**
 * Records the answers that may not have reached the device. A repetition after such an answer is no breach: the rules
 * ask here, with the number of the earlier request.
 */
export class Ledger {
  readonly #lost = new Set<number>();
  readonly #lastDisturbed = new Map<string, number>();
  readonly #forgiven = new Map<string, number>();
  readonly #hindered = new Set<string>();
  /** Number of the last request to each path that an ordered fault refused. */
  readonly #refused = new Map<string, number>();

  /** The answer to this request was disturbed, cut or never sent. */
  lose(number: number, user: string, path = ''): void {
    this.#lost.add(number);
    if (HINDERED.test(path) && this.#hindered.size < maxLost) this.#hindered.add(path);
    this.disturb(number, user);
    if (this.#lost.size > maxLost) {
      for (const oldest of this.#lost) {
        this.#lost.delete(oldest);
        break;
      }
    }
  }

  /** An ordered answer has refused this for good, so the device need not repeat it. */
  refuse(number: number, path: string): void {
    if (this.#refused.size < maxLost) this.#refused.set(path, number);
  }

  isRefusedSince(number: number, path: string): boolean {
    return (this.#refused.get(path) ?? -1) >= number;
  }

  /** A fault disturbed this user at the time of that request. */
  disturb(number: number, user: string): void {
    this.#lastDisturbed.set(user, Math.max(number, this.#lastDisturbed.get(user) ?? 0));
  }

  /** The device has lost its memory (power cut, new flash): rules ignore everything up to this request. */
  forgive(user: string, number: number): void {
    this.#forgiven.set(user, number);
  }

  /** Whether the device cannot remember this request. */
  isForgiven(number: number, user: string): boolean {
    return number <= (this.#forgiven.get(user) ?? 0);
  }

  /**
   * Whether an update of this operation, or a session of remote access, was disturbed; other operations may then come
   * first.
   */
  isHindered(path: string): boolean {
    return this.#hindered.has(path);
  }

  isLost(number: number, user: string): boolean {
    return this.#lost.has(number) || this.isForgiven(number, user);
  }

  /** Whether any answer to this user was lost, or the user was disturbed otherwise, from this request on. */
  lostSince(number: number, user: string): boolean {
    return (this.#lastDisturbed.get(user) ?? 0) >= number || this.isLost(number, user);
  }
}

const maxLost = 100_000;
const HINDERED = /^\/(devicecontrol\/operations|service\/remoteaccess\/device)\//;
