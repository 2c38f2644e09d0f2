// SPDX-License-Identifier: Apache-2.0

import type { Firmware, LogLevel } from '../../hal/hal.ts';
import type { Slots } from '../../hal/node/slots.ts';
import type { Program } from './programs.ts';
import { readVirtualImage, type VirtualImage } from './virtual-image.ts';

export interface BootloaderOptions {
  readonly slots: Slots;
  log(level: LogLevel, line: string): void;
}

export interface Start {
  readonly program: Program;
  readonly firmware: Firmware;
}

/** What a board was made with. */
export interface Made extends Start {
  /** Makes the program of an image that was installed. Undefined: the board has no slots for firmware. */
  readonly runImage?: ((image: VirtualImage) => Program) | undefined;
}

/** Decides at each start which program runs: the one that the board was made with, or one that was installed. */
export class Bootloader {
  readonly #options: BootloaderOptions;
  /** What was installed and ran last. */
  #image: (Start & { readonly bytes: Uint8Array }) | undefined;

  constructor(options: BootloaderOptions) {
    this.#options = options;
  }

  choose(made: Made): Start {
    const { slots } = this.#options;
    const { runImage } = made;
    for (;;) {
      const bytes = runImage && slots.boot(made.firmware);
      if (runImage === undefined || bytes === undefined) return made;
      // An engine is kept over restarts.
      if (this.#image !== undefined && Buffer.compare(bytes, this.#image.bytes) === 0) return this.#image;
      try {
        const image = readVirtualImage(bytes);
        const { firmware } = image;
        this.#image = { program: runImage(image), firmware, bytes };
        this.#options.log('info', `the firmware ${firmware.name} ${firmware.version} starts, which was installed`);
        return this.#image;
      } catch (error) {
        this.#giveUp(error as Error);
      }
    }
  }

  /** True when the program was installed: it cannot run, and the one before it takes its place. */
  blame({ program }: Start, error: Error): boolean {
    if (program !== this.#image?.program) return false;
    this.#giveUp(error);
    return true;
  }

  /** The slots are empty from now on. */
  clear(): void {
    this.#image = undefined;
    this.#options.slots.clear();
  }

  #giveUp(error: Error): void {
    this.#options.log('error', `the firmware that was installed cannot run: ${error.message}`);
    this.#options.slots.giveUp();
  }
}
