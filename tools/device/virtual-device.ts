// SPDX-License-Identifier: Apache-2.0

import type { LogLevel } from '../../hal/hal.ts';
import type { Flash } from '../../hal/node/flash.ts';
import { createNodeHal, type NodeHal } from '../../hal/node/node.ts';
import { DESK_POINTS } from '../../hal/node/wifi.ts';
import { Bootloader, type Made, type Start } from './bootloader.ts';
import { Panic } from './programs.ts';

/** Pause between two starts. */
const RESTART_MS = 300;
/** Pause after a panic, so that repeated failures do not keep the host busy. */
const PANIC_RESTART_MS = 2000;
/** The program's share of an orderly end, which takes at most two seconds. */
const STOP_MS = 1500;
/** Time for the end of a program that is replaced after a save; the author waits. */
const REPLACE_MS = 500;

export interface VirtualDeviceOptions extends Made {
  flash: Flash;
  resources: Readonly<Record<string, Uint8Array>>;
  log(level: LogLevel, line: string): void;
}

/** A virtual board: a program, its flash, and a restart after each end. */
export class VirtualDevice {
  /** Rejects when the device cannot continue. */
  readonly failure: Promise<never>;
  /** Somebody is at work on its program: one that cannot run is told of, and the next one is waited for. */
  isWatched = false;
  readonly #options: VirtualDeviceOptions;
  readonly #bootloader: Bootloader;
  #made: Made;
  #running: Start;
  #fail: (error: Error) => void = () => {};
  #hal: NodeHal | undefined;
  #restart: NodeJS.Timeout | undefined;
  /** Of the start that counts: the power of an earlier one may have gone. */
  #lastBoot = 0;
  /** A program runs, and must be ended. */
  #up = false;
  #ending = false;
  #isLinkUp = true;

  constructor(options: VirtualDeviceOptions) {
    this.#options = options;
    const { program, firmware, runImage, flash, log } = options;
    this.#made = { program, firmware, runImage };
    this.#running = this.#made;
    this.#bootloader = new Bootloader({ slots: flash.slots, log });
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Avoids an unhandled rejection when nothing awaits `failure`.
    this.failure.catch(() => {});
  }

  /** Switches the board on. */
  start(): void {
    void this.#boot();
  }

  /** Replaces the program and restarts, as flashing a board does: the slots are empty, all else on the flash stays. */
  async replace(made: Made): Promise<void> {
    clearTimeout(this.#restart);
    await this.#running.program.stop(this.#up ? REPLACE_MS : 0);
    this.#hal?.close();
    this.#bootloader.clear();
    this.#made = made;
    this.#options.flash.resetCause = 'software';
    this.#bootIn(0);
  }

  /** Restarts after a failure of the program, as a board does. */
  panic(panic: Panic): void {
    if (this.#ending) return;
    const { flash, log } = this.#options;
    log('error', panic.message);
    this.#hal?.close();
    flash.resetCause = 'panic';
    this.#bootIn(PANIC_RESTART_MS);
  }

  /** Cuts the power at once; `start` switches it on again. */
  cutPower(): void {
    clearTimeout(this.#restart);
    this.#up = false;
    this.#lastBoot += 1;
    this.#hal?.close();
    this.#options.flash.resetCause = 'power-on';
  }

  /** Unplugs the network cable, or plugs it in again. */
  switchLink(up: boolean): void {
    this.#isLinkUp = up;
    this.#hal?.network.switch(up);
  }

  /** Called when the engine is gone. */
  fail(error: Error): void {
    if (this.#ending) return;
    if (this.isWatched) this.#wait(error);
    else this.#fail(error);
  }

  /** Ends the program in order, within two seconds, and releases the flash. */
  async stop(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#restart);
    await this.#running.program.stop(this.#up ? STOP_MS : 0);
    this.#hal?.close();
    this.#options.flash.close();
  }

  async #boot(): Promise<void> {
    this.#lastBoot += 1;
    const boot = this.#lastBoot;
    const { flash, resources, log } = this.#options;
    const onRestart = () => {
      if (boot === this.#lastBoot) this.#bootIn(flash.resetCause === 'panic' ? PANIC_RESTART_MS : RESTART_MS);
    };
    try {
      const { program, firmware } = await this.#choose();
      if (this.#ending || boot !== this.#lastBoot) return;
      const hasSlots = this.#made.runImage !== undefined;
      const hal = createNodeHal({ flash, firmware, hasSlots, resources, log, onRestart, wifi: DESK_POINTS });
      this.#hal = hal;
      hal.network.switch(this.#isLinkUp);
      await program.boot(hal);
      this.#up = boot === this.#lastBoot;
    } catch (error) {
      if (boot !== this.#lastBoot) return;
      if (error instanceof Panic) this.panic(error);
      else if (this.#bootloader.blame(this.#running, error as Error)) this.panic(new Panic('no program runs'));
      else this.fail(error as Error);
    }
  }

  #wait({ message }: Error): void {
    if (this.#ending) return;
    this.#up = false;
    this.#hal?.close();
    this.#options.log('error', message);
  }

  async #choose(): Promise<Start> {
    const before = this.#running;
    this.#running = this.#bootloader.choose(this.#made);
    if (before.program !== this.#running.program) await before.program.stop(0);
    return this.#running;
  }

  #bootIn(delayMs: number): void {
    this.#up = false;
    if (this.#ending) return;
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => void this.#boot(), delayMs);
  }
}
