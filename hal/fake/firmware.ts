// SPDX-License-Identifier: Apache-2.0

import { bootSlots, FIRST_SLOTS, type SlotRecord, VirtualSlots } from '../common/slots.ts';
import type { Firmware, FirmwareSlots } from '../hal.ts';
import { change } from './change.ts';
import type { FlashFault } from './flash.ts';

/** The two firmware slots of a fake machine, and its bootloader. An image in JSON contains its name and version. */
export class FakeFirmware {
  record: SlotRecord = FIRST_SLOTS;
  /** Bytes of the image that was installed last. */
  image: number[] = [];
  /** Its bootloader has no trial. */
  cannotReturn = false;
  /** Called at every change: the erase of a slot, each piece of an image, the record. Returns its fault. */
  onChange: (() => FlashFault | undefined) | undefined;
  readonly #onCut: () => void;
  #running: Firmware;
  /** The firmware before the running one. */
  #before: Firmware;
  /** A piece of the image is not as it was given: the check of the whole image finds that. */
  #isHarmed = false;

  /** @param onCut the power has failed within a change */
  constructor(first: Firmware, onCut: () => void = () => {}) {
    this.#running = first;
    this.#before = first;
    this.#onCut = onCut;
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
  open(capacityBytes: number, isAlive: () => boolean, restart: () => void): FirmwareSlots {
    return new VirtualSlots({
      capacityBytes,
      record: this.record,
      cannotReturn: this.cannotReturn,
      restart,
      keep: (record) => {
        if (!isAlive() || (record.other === 'starts' && this.#isHarmed)) return false;
        // There are two copies with checksums, so a torn one is the record before. One that is not there is noticed.
        const isTaken = this.#change(1, (share) => {
          if (share === 1) this.record = record;
        });
        return isTaken && this.record === record;
      },
      onInstall: () =>
        this.#change(1, (share) => {
          this.image = [];
          this.#isHarmed = share < 1;
        }),
      take: (bytes, from, to) =>
        this.#change(to - from, (count) => {
          for (let i = from; i < from + count; i++) this.image.push(bytes[i] as number);
          if (count < to - from) this.#isHarmed = true;
        }),
    });
  }

  /** @param act makes the change as far as it gets: to the end at `whole` */
  #change(whole: number, act: (share: number) => void): boolean {
    return change(this.onChange?.(), whole, act, this.#onCut);
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
