// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots, Installation } from '../hal.ts';
import { Op, Slot } from './protocol.ts';

/** The slots of the parent; undefined: it has none. */
export function openSlots(): FirmwareSlots | undefined {
  const capacityBytes = xsHost.call(Op.Firmware, Slot.Capacity, 0);
  return capacityBytes > 0 ? new XsSlots(capacityBytes) : undefined;
}

class XsSlots implements FirmwareSlots {
  readonly capacityBytes: number;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
  }

  get onTrial(): boolean {
    return ask(Slot.OnTrial, 0);
  }

  get rolledBack(): boolean {
    return ask(Slot.RolledBack, 0);
  }

  install(byteLength: number): Installation | undefined {
    const id = xsHost.call(Op.Firmware, Slot.Install, 0, byteLength);
    return id > 0 ? new XsInstallation(id) : undefined;
  }

  confirm(): boolean {
    return ask(Slot.Confirm, 0);
  }

  rollBack(): boolean {
    if (!this.onTrial) return false;
    // Any restart is one.
    xsHost.halt('back to the former firmware');
    return true;
  }
}

class XsInstallation implements Installation {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  write(bytes: Uint8Array, from: number, to: number): boolean {
    return xsHost.call(Op.Firmware, Slot.Write, this.#id, 0, undefined, bytes, from, to) === 1;
  }

  complete(): boolean {
    return ask(Slot.Complete, this.#id);
  }

  abort(): void {
    ask(Slot.Abort, this.#id);
  }
}

function ask(what: number, id: number): boolean {
  return xsHost.call(Op.Firmware, what, id) === 1;
}
