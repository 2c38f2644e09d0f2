// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots, Installation } from '../../hal/hal.ts';
import { Slot } from '../../hal/xs/protocol.ts';
import type { Reply, Request } from './request.ts';

/** Serves the slots for firmware of one boot, and the installation that was begun last. */
export class SlotServer {
  readonly #slots: FirmwareSlots | undefined;
  #installation: Installation | undefined;
  /** Its number. */
  #last = 0;

  /** @param slots undefined: there are none */
  constructor(slots: FirmwareSlots | undefined) {
    this.#slots = slots;
  }

  call(request: Request): Reply {
    return { value: Number(this.#answer(request)) };
  }

  #answer({ id, arg, value, payload }: Request): boolean | number {
    const slots = this.#slots;
    if (slots === undefined) return 0;
    // One before it was given up, or is complete.
    const installation = arg === this.#last ? this.#installation : undefined;
    switch (id) {
      case Slot.OnTrial:
        return slots.onTrial;
      case Slot.RolledBack:
        return slots.rolledBack;
      case Slot.Install:
        return this.#install(slots.install(value));
      case Slot.Write:
        return installation?.write(payload, 0, payload.length) === true;
      case Slot.Complete:
        return installation?.complete() === true;
      case Slot.Abort:
        installation?.abort();
        return true;
      case Slot.Confirm:
        return slots.confirm();
      case Slot.Capacity:
        return slots.capacityBytes;
      default:
        throw new RangeError(`xs: unknown question ${id} for the slots`);
    }
  }

  #install(installation: Installation | undefined): number {
    if (installation === undefined) return 0;
    this.#installation = installation;
    this.#last += 1;
    return this.#last;
  }
}
