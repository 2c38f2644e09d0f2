// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots, Installation } from '../hal.ts';

/** The state of the two slots that a bootloader keeps. */
export interface SlotRecord {
  /** Effect of the next start on the firmware in the other slot. */
  readonly other: 'nothing' | 'starts';
  readonly onTrial: boolean;
  readonly rolledBack: boolean;
}

export const FIRST_SLOTS: SlotRecord = { other: 'nothing', onTrial: false, rolledBack: false };

/** The state after a start: a new firmware runs on trial, one that was not confirmed is given up. */
export function bootSlots({ other, onTrial, rolledBack }: SlotRecord): SlotRecord {
  if (other === 'starts') return { other: 'nothing', onTrial: true, rolledBack: false };
  return { other, onTrial: false, rolledBack: onTrial || rolledBack };
}

export interface VirtualSlotsOptions {
  readonly capacityBytes: number;
  readonly cannotReturn?: boolean;
  /** The state after `bootSlots`. */
  readonly record: SlotRecord;
  /** False: the flash refuses. */
  keep(record: SlotRecord): boolean;
  restart(): void;
  /** Takes the bytes that are installed, from the beginning; absent: they are dropped. False: the flash refuses. */
  onInstall?(): boolean;
  take?(bytes: Uint8Array, from: number, to: number): boolean;
}

/** Firmware slots of a virtual board, with the rules of a bootloader. */
export class VirtualSlots implements FirmwareSlots {
  readonly capacityBytes: number;
  readonly cannotReturn: boolean;
  readonly #options: VirtualSlotsOptions;
  #record: SlotRecord;
  #busy = false;

  constructor(options: VirtualSlotsOptions) {
    this.capacityBytes = options.capacityBytes;
    this.cannotReturn = options.cannotReturn ?? false;
    this.#options = options;
    this.#record = options.record;
  }

  get onTrial(): boolean {
    return this.#record.onTrial;
  }

  get rolledBack(): boolean {
    return this.#record.rolledBack;
  }

  install(byteLength: number): Installation | undefined {
    if (this.#busy || this.onTrial || !(byteLength > 0 && byteLength <= this.capacityBytes)) return undefined;
    if (this.#options.onInstall?.() === false) return undefined;
    this.#busy = true;
    let left = byteLength;
    let open = true;
    const end = () => {
      if (open) this.#busy = false;
      open = false;
    };
    return {
      write: (bytes, from, to) => {
        left -= to - from;
        // What is too much, or was given up, may belong to the next one.
        if (open && left >= 0 && this.#options.take?.(bytes, from, to) === false) left = -1;
        return open && left >= 0;
      },
      complete: () => {
        const whole = open && left === 0 && this.#keep({ ...this.#record, other: 'starts' });
        end();
        return whole;
      },
      abort: end,
    };
  }

  confirm(): boolean {
    return !this.onTrial || this.#keep({ ...this.#record, onTrial: false });
  }

  rollBack(): boolean {
    if (!this.onTrial) return false;
    this.#options.restart();
    return true;
  }

  #keep(record: SlotRecord): boolean {
    if (!this.#options.keep(record)) return false;
    this.#record = record;
    return true;
  }
}
