// SPDX-License-Identifier: Apache-2.0
/** Programs out of images that were installed. What is wrong with such a program is its own fault: the board goes on. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Script } from 'node:vm';
import type { Hal } from '../../hal/hal.ts';
import type { FractusAgent, RawConfig } from '../../src/index.ts';
import type { XsFigures } from '../xs/figures.ts';
import { Panic, type Program, stopAgent, XsProgram, type XsProgramOptions } from './programs.ts';
import { limited, withinTime } from './time-limit.ts';

/** What hal/xs/device.ts exports. */
interface Bundle {
  start(hal: Hal, config: RawConfig): FractusAgent;
  isSigned(): boolean;
}

/** In this process, with its rights. Each event has a time limit; what a promise calls has none. */
export class NodeImageProgram implements Program {
  readonly #script: string;
  readonly #config: RawConfig;
  #agent: FractusAgent | undefined;

  constructor(script: string, config: RawConfig) {
    this.#script = script;
    this.#config = config;
  }

  async boot(hal: Hal): Promise<void> {
    this.#agent = undefined;
    const bundle = evaluate(this.#script);
    if (!withinTime(() => bundle.isSigned())) {
      throw new Error('it takes firmware that is not signed, which is not allowed on Node');
    }
    try {
      this.#agent = withinTime(() => bundle.start(limited(hal), this.#config));
    } catch (error) {
      throw new Panic(`the program has thrown: ${(error as Error)?.message}`, { cause: error });
    }
  }

  stop(timeoutMs: number): Promise<boolean> {
    const agent = this.#agent;
    const stop = (onStopped: () => void) => withinTime(() => agent?.stop(onStopped));
    return stopAgent(agent && { stop }, timeoutMs).catch(() => false);
  }
}

/** Afresh each time, as at a start of a board. */
function evaluate(script: string): Bundle {
  // In a function, so that it leaves no name behind.
  const create = new Script(`(() => {${script}\nreturn bundle;\n})`).runInThisContext() as () => Bundle;
  return withinTime(create);
}

export interface XsScriptProgramOptions extends Omit<XsProgramOptions, 'bundle' | 'onExit'> {
  readonly script: string;
  /** The engine is gone. Absent: the script is at fault, and the board goes on. */
  readonly onExit?: ((error: Error) => void) | undefined;
}

/** On XS, with a script of its own: its process reads it from a file that is there while it starts, and may start again. */
export class XsScriptProgram implements Program {
  readonly #options: XsScriptProgramOptions;
  #program: XsProgram | undefined;

  constructor(options: XsScriptProgramOptions) {
    this.#options = options;
  }

  async boot(hal: Hal): Promise<void> {
    if (this.#program !== undefined) return this.#program.boot(hal);
    const { script, onPanic } = this.#options;
    const onFault = (error: Error) => onPanic(new Panic(error.message, { cause: error }));
    const { onExit = onFault } = this.#options;
    const directory = mkdtempSync(path.join(tmpdir(), 'fractus-image-'));
    const bundle = path.join(directory, 'image.js');
    const program = new XsProgram({
      ...this.#options,
      bundle,
      onExit: (error) => {
        this.#program = undefined;
        onExit(error);
      },
    });
    try {
      writeFileSync(bundle, script, { mode: 0o600 });
      this.#program = program;
      await program.boot(hal);
    } catch (error) {
      if (!(error instanceof Panic)) this.#program = undefined;
      throw error;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  measure(): Promise<XsFigures> | undefined {
    return this.#program?.measure();
  }

  async stop(timeoutMs: number): Promise<boolean> {
    const program = this.#program;
    this.#program = undefined;
    return (await program?.stop(timeoutMs)) ?? true;
  }
}
