// SPDX-License-Identifier: Apache-2.0

import { bootSlots, FIRST_SLOTS, type SlotRecord, VirtualSlots } from '../common/slots.ts';
import type { Firmware } from '../hal.ts';

/** The two firmware slots of a fake machine, and its bootloader. An image in JSON contains its name and version. */
export class FakeFirmware {
  record: SlotRecord = FIRST_SLOTS;
  /** Bytes of the image that was installed last. */
  image: number[] = [];
  #running: Firmware;
  /** The firmware before the running one. */
  #before: Firmware;

  constructor(first: Firmware) {
    this.#running = first;
    this.#before = first;
  }

  get running(): Firmware {
    return this.#running;
  }

  /** A start: a new image runs on trial, and the one before comes back when it was not confirmed. */
  start(): void {
    const { onTrial } = this.record;
    this.record = bootSlots(this.record);
    if (this.record.onTrial) {
      this.#before = this.#running;
      this.#running = { ...this.#running, ...identityIn(Uint8Array.from(this.image)) };
    } else if (onTrial) {
      this.#running = this.#before;
    }
  }

  /** The slots for one start. */
  open(capacityBytes: number, isAlive: () => boolean, restart: () => void): VirtualSlots {
    return new VirtualSlots({
      capacityBytes,
      record: this.record,
      restart,
      keep: (record) => {
        if (isAlive()) this.record = record;
        return isAlive();
      },
      onInstall: () => {
        this.image = [];
        return true;
      },
      take: (bytes, from, to) => {
        for (let i = from; i < to; i++) this.image.push(bytes[i] as number);
        return true;
      },
    });
  }
}

function identityIn(image: Uint8Array): Partial<Firmware> {
  try {
    const { name, version } = JSON.parse(new TextDecoder().decode(image)) as Firmware;
    return { name, version };
  } catch {
    return {};
  }
}
