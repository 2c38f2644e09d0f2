// SPDX-License-Identifier: Apache-2.0

import { reasonOf } from '../bytes/text.ts';
import type { Timers } from '../timers/timers.ts';
import type { UploadSource } from './upload.ts';

const SOURCE_MAX_BYTES = 9_999_999;

/** A source of the app: an exception or an impossible number ends the transfer, not the current start of the board. */
export class CheckedSource implements UploadSource {
  readonly #timers: Timers;
  readonly #source: UploadSource;
  readonly #onFail: (reason: string) => void;
  #isBroken = false;

  /** @param onFail follows once, and not within the exchange that reads the source; stops the upload */
  constructor(timers: Timers, source: UploadSource, onFail: (reason: string) => void) {
    this.#timers = timers;
    this.#source = source;
    this.#onFail = onFail;
  }

  open(): number {
    const count = this.count('open', SOURCE_MAX_BYTES, () => this.#source.open());
    // A byte that never comes: an empty file would be sent, whole, before the upload is stopped.
    return this.#isBroken ? 1 : count;
  }

  read(into: Uint8Array): number {
    return this.count('read', into.length, () => this.#source.read(into));
  }

  private count(what: string, most: number, act: () => number): number {
    if (this.#isBroken) return 0;
    let reason: string;
    try {
      const count = act();
      if (Number.isInteger(count) && count >= 0 && count <= most) return count;
      reason = `${what} of the source: it must return 0 to ${most} bytes`;
    } catch (error) {
      reason = reasonOf(error);
    }
    this.#isBroken = true;
    this.#timers.create({ onDeadline: () => this.#onFail(reason) }).start(0);
    return 0;
  }
}
