// SPDX-License-Identifier: Apache-2.0

import { findApp } from '../author/app.ts';
import { FileWatch } from '../author/watch.ts';
import { chooseProgram, type Program, type ProgramChoice, type ProgramChoiceOptions } from './programs.ts';
import type { VirtualDevice } from './virtual-device.ts';

export interface LiveAppOptions extends Omit<ProgramChoiceOptions, 'app'> {
  /** Module of an author's app; absent: the usual one. */
  readonly app: string | undefined;
  /** Default: as it is. */
  wrap?(program: Program): Program;
  /** What cannot be built: the program before goes on. */
  onTrouble(error: Error): void;
}

/** The program of a virtual board, made anew whenever the author saves. */
export class LiveApp {
  readonly #options: LiveAppOptions;
  readonly #watch = new FileWatch(() => void this.#renew());
  #device: VirtualDevice | undefined;
  #inputs: readonly string[] = [];

  constructor(options: LiveAppOptions) {
    this.#options = options;
  }

  async choose(): Promise<ProgramChoice> {
    const { app } = this.#options;
    const choice = await chooseProgram({ ...this.#options, app: app === undefined ? undefined : await findApp(app) });
    this.#inputs = choice.inputs;
    return choice;
  }

  /** From now on, `device` restarts with what has been saved. */
  watch(device: VirtualDevice): void {
    this.#device = device;
    this.#watch.files = this.#inputs;
  }

  close(): void {
    this.#watch.close();
  }

  async #renew(): Promise<void> {
    try {
      const { program, firmware } = await this.choose();
      await this.#device?.replace(this.#options.wrap?.(program) ?? program, firmware);
      this.#watch.files = this.#inputs;
    } catch (error) {
      this.#options.onTrouble(error as Error);
    }
  }
}
