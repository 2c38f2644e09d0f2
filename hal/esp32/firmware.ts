// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots, Installation } from '../hal.ts';

/** The SDK's `embedded:update`, one update under way. Everything but `close` throws when the flash or the image is bad. */
export interface UpdateIo {
  write(bytes: Uint8Array): void;
  /** Checks the image, its digest included, and makes it the one to start. */
  complete(): void;
  close(): void;
}

/** What the SDK and ESP-IDF have for firmware. */
export interface FirmwareIo {
  /** Size of the place that the next firmware goes to. @throws Error when there is none */
  nextBytes(): number;
  /** @throws Error when it is too long or the flash refuses */
  open(byteLength: number): UpdateIo;
  /** esp_ota_img_states_t of what runs; negative where the bootloader keeps none. */
  state(): number;
  /** Whether a firmware has been given up. */
  hasInvalid(): boolean;
  /** esp_err_t */
  confirm(): number;
  /** esp_err_t; does not return when it works. */
  rollBack(): number;
}

/** ESP_OTA_IMG_PENDING_VERIFY */
const PENDING_VERIFY = 1;

/**
 * Firmware slots over the SDK's update module, with what it lacks: trial, confirmation and return, which the bootloader
 * does. Undefined where there is no place for a second firmware.
 */
export function openFirmware(io: FirmwareIo): FirmwareSlots | undefined {
  try {
    return new ChipFirmware(io, io.nextBytes());
  } catch {
    return undefined;
  }
}

class ChipFirmware implements FirmwareSlots {
  readonly capacityBytes: number;
  readonly rolledBack: boolean;
  readonly #io: FirmwareIo;
  #onTrial: boolean;
  #underWay: UpdateIo | undefined;

  constructor(io: FirmwareIo, capacityBytes: number) {
    this.#io = io;
    this.capacityBytes = capacityBytes;
    this.#onTrial = io.state() === PENDING_VERIFY;
    this.rolledBack = !this.#onTrial && io.hasInvalid();
  }

  get onTrial(): boolean {
    return this.#onTrial;
  }

  install(byteLength: number): Installation | undefined {
    if (this.#underWay !== undefined || this.#onTrial) return undefined;
    if (!(byteLength > 0 && byteLength <= this.capacityBytes)) return undefined;
    try {
      this.#underWay = this.#io.open(byteLength);
    } catch {
      return undefined;
    }
    return this.#installation(this.#underWay, byteLength);
  }

  #installation(update: UpdateIo, byteLength: number): Installation {
    let left = byteLength;
    const abort = () => {
      if (this.#underWay !== update) return;
      this.#underWay = undefined;
      try {
        update.close();
      } catch {
        // There is nothing more to be done about it.
      }
    };
    const isOpen = () => this.#underWay === update;
    return {
      abort,
      write(bytes, from, to) {
        left -= to - from;
        if (!isOpen() || left < 0) return false;
        try {
          update.write(bytes.subarray(from, to));
          return true;
        } catch {
          left = -1;
          return false;
        }
      },
      complete() {
        try {
          if (!isOpen() || left !== 0) return false;
          update.complete();
          return true;
        } catch {
          return false;
        } finally {
          abort();
        }
      },
    };
  }

  confirm(): boolean {
    if (!this.#onTrial) return true;
    if (this.#io.confirm() !== 0) return false;
    this.#onTrial = false;
    return true;
  }

  rollBack(): boolean {
    if (this.#onTrial) this.#io.rollBack();
    return false;
  }
}
