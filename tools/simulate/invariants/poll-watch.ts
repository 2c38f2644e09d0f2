// SPDX-License-Identifier: Apache-2.0
/** I23: the long poll goes on within the platform's ten seconds after a transfer. */

import type { LoggedRequest } from '../../platform/core/request-log.ts';
import type { Injector } from '../faults/injector.ts';
import type { Life } from '../machine/life.ts';

const POLLS = '/notification/operations';
const TRANSFERS = /^\/(inventory\/binaries\/|event\/events\/[^/]+\/binaries)/;
/** The platform buffers pushes for this long. */
const BUFFERED_MS = 10_000;

/**
 * The emulator excuses a poll that the device has closed for a transfer, however late the next one comes. So this counts
 * from the last answer to a transfer, as long as no fault has its turn.
 */
export class PollWatch {
  readonly #life: Life;
  readonly #injector: Injector;
  #last: LoggedRequest | undefined;
  #starts = 0;
  /** The last request of a transfer since the last poll and the last start. */
  #transfer: LoggedRequest | undefined;
  /** Virtual time at which it was seen to be answered. */
  #endMs: number | undefined;

  constructor(life: Life, injector: Injector) {
    this.#life = life;
    this.#injector = injector;
  }

  afterEvent(): void {
    const { world, plant } = this.#life;
    const last = world.platform.requests.at(-1);
    if (last !== this.#last || plant.starts.length !== this.#starts) {
      this.#look(last);
      this.#last = last;
      this.#starts = plant.starts.length;
    }
    if (this.#transfer?.status === undefined) return;
    const { nowMs } = world.time;
    this.#endMs ??= nowMs;
    if (nowMs - this.#endMs > BUFFERED_MS && this.#injector.turns === 0)
      throw new Error(`I23: no poll within ${BUFFERED_MS} ms after ${this.#transfer.method} ${this.#transfer.path}`);
  }

  #look(last: LoggedRequest | undefined): void {
    const { plant } = this.#life;
    const path = last?.path ?? '';
    const isTransfer = TRANSFERS.test(path);
    if (!isTransfer && !path.startsWith(POLLS) && plant.starts.length === this.#starts) return;
    this.#transfer = isTransfer && plant.starts.length === this.#starts ? last : undefined;
    this.#endMs = undefined;
  }
}
