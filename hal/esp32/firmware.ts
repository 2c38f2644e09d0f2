// SPDX-License-Identifier: Apache-2.0

import type { FirmwareSlots, Installation } from '../hal.ts';

/**
 * An update of the SDK's `embedded:update` in progress. All calls but `close` throw when the flash or the image is bad.
 */
export interface UpdateIo {
  write(bytes: Uint8Array): void;
  /** Checks the image, including its digest, and selects it for the next start. */
  complete(): void;
  close(): void;
}

/** The functions of the SDK and of ESP-IDF for firmware. */
export interface FirmwareIo {
  /** Size of the slot for the next firmware. @throws Error when there is none */
  nextBytes(): number;
  /** @throws Error when the firmware is too long or the flash refuses */
  open(byteLength: number): UpdateIo;
  /** esp_ota_img_states_t of the running firmware; -1: it was not installed by another one; -2: this build has no trial. */
  state(): number;
  /** Whether a slot holds a firmware that was rolled back. */
  hasInvalid(): boolean;
  /** esp_err_t */
  confirm(): number;
  /** esp_err_t; does not return on success. */
  rollBack(): number;
}

/** ESP_OTA_IMG_NEW: a bootloader with a trial would have set the next state before the start. */
const NEW = 0;
/** ESP_OTA_IMG_PENDING_VERIFY */
const PENDING_VERIFY = 1;
const NO_TRIAL = -2;

/**
 * Firmware slots over the SDK's update module. The bootloader adds trial, confirmation and rollback. Undefined when
 * there is no slot for a second firmware.
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
  readonly cannotReturn: boolean;
  readonly #io: FirmwareIo;
  #onTrial: boolean;
  #underWay: UpdateIo | undefined;

  constructor(io: FirmwareIo, capacityBytes: number) {
    this.#io = io;
    this.capacityBytes = capacityBytes;
    const state = io.state();
    this.cannotReturn = state === NEW || state === NO_TRIAL;
    this.#onTrial = state === PENDING_VERIFY;
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
        // The update is abandoned whether or not it closes.
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
