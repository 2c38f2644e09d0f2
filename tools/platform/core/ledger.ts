// SPDX-License-Identifier: Apache-2.0
/**
 * Which answers may not have reached the device. What a device repeats after such an answer is no breach: the rules ask
 * here with the number of the request whose effect they are about to hold against it.
 */
export class Ledger {
  readonly #lost = new Set<number>();
  readonly #lastDisturbed = new Map<string, number>();
  readonly #forgiven = new Map<string, number>();
  readonly #hindered = new Set<string>();
  /** Number of the last request to each path that was refused as ordered. */
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

  /** An ordered answer has told the device that this is refused for good: it need not say it again. */
  refuse(number: number, path: string): void {
    if (this.#refused.size < maxLost) this.#refused.set(path, number);
  }

  isRefusedSince(number: number, path: string): boolean {
    return (this.#refused.get(path) ?? -1) >= number;
  }

  /** Something was done to this user at the time of that request. */
  disturb(number: number, user: string): void {
    this.#lastDisturbed.set(user, Math.max(number, this.#lastDisturbed.get(user) ?? 0));
  }

  /** The device lost its memory (power cut, new flash): nothing up to this request is held against it. */
  forgive(user: string, number: number): void {
    this.#forgiven.set(user, number);
  }

  /** Whether the device has forgotten that it sent this request. */
  isForgiven(number: number, user: string): boolean {
    return number <= (this.#forgiven.get(user) ?? 0);
  }

  /** Whether an update of this operation was disturbed, so that others may go before it; or a session of remote access. */
  isHindered(path: string): boolean {
    return this.#hindered.has(path);
  }

  isLost(number: number, user: string): boolean {
    return this.#lost.has(number) || this.isForgiven(number, user);
  }

  /** Whether any answer to this user was lost, or it was disturbed otherwise, from this request on. */
  lostSince(number: number, user: string): boolean {
    return (this.#lastDisturbed.get(user) ?? 0) >= number || this.isLost(number, user);
  }
}

const maxLost = 100_000;
const HINDERED = /^\/(devicecontrol\/operations|service\/remoteaccess\/device)\//;
