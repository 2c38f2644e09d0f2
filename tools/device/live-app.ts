// SPDX-License-Identifier: Apache-2.0

import { findApp } from '../author/app.ts';
import { FileWatch } from '../author/watch.ts';
import { chooseProgram, type ProgramChoice, type ProgramChoiceOptions } from './program-choice.ts';
import type { Program } from './programs.ts';
import type { VirtualDevice } from './virtual-device.ts';

export interface LiveAppOptions extends Omit<ProgramChoiceOptions, 'app'> {
  /** Path of the author's app; undefined: the usual app. */
  readonly app: string | undefined;
  /** Wraps each program; default: unchanged. */
  wrap?(program: Program): Program;
  /** Called with a build error: the program before continues. */
  onTrouble(error: Error): void;
}

/** The program of a virtual board, rebuilt whenever the author saves. */
export class LiveApp {
  readonly #options: LiveAppOptions;
  readonly #watch = new FileWatch(() => void this.#renew());
  #device: VirtualDevice | undefined;
  #inputs: readonly string[] = [];
  /** The author has saved since the last build began. */
  #isSaved = false;
  #isRenewing = false;
  #isClosed = false;

  constructor(options: LiveAppOptions) {
    this.#options = options;
  }

  async choose(): Promise<ProgramChoice> {
    const { app } = this.#options;
    const choice = await chooseProgram({ ...this.#options, app: app === undefined ? undefined : await findApp(app) });
    this.#inputs = choice.inputs;
    const { wrap } = this.#options;
    if (wrap === undefined) return choice;
    const { program, runImage } = choice;
    return { ...choice, program: wrap(program), runImage: runImage && ((image) => wrap(runImage(image))) };
  }

  /** Restarts `device` with the new program after each save, from now on. */
  watch(device: VirtualDevice): void {
    this.#device = device;
    device.isWatched = true;
    this.#watch.files = this.#inputs;
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.close();
  }

  /** One build at a time: of two at once, the older could be the last one to end. */
  async #renew(): Promise<void> {
    this.#isSaved = true;
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    while (this.#isSaved && !this.#isClosed) {
      this.#isSaved = false;
      try {
        const choice = await this.choose();
        if (this.#isClosed) return;
        await this.#device?.replace(choice);
        if (!this.#isClosed) this.#watch.files = this.#inputs;
      } catch (error) {
        // The signal that ends the command has ended the compilers, too.
        if (!this.#isClosed) this.#options.onTrouble(error as Error);
      }
    }
    this.#isRenewing = false;
  }
}
