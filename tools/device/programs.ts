// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import { type Choice, main } from '../../hal/node/main.ts';
import { ConfigError } from '../../src/config.ts';
import type { App, FractusAgent, RawConfig } from '../../src/index.ts';
import { PlacedError } from '../author/placed.ts';
import type { XsFigures } from '../xs/figures.ts';
import { XsAbortError, XsMachine, type XsMachineOptions } from '../xs/machine.ts';

/** The program of a virtual board. */
export interface Program {
  /**
   * Starts again over `hal`. Rejects with a Panic when the program fails, with another error when it cannot run at all.
   */
  boot(hal: Hal): Promise<void>;
  /** Memory of the machine; undefined when it is not limited. */
  measure?(): Promise<XsFigures> | undefined;
  /** Ends in order, within `timeoutMs`; resolves to whether that worked. */
  stop(timeoutMs: number): Promise<boolean>;
}

/** A failure of the program, which restarts a board. */
export class Panic extends Error {
  override readonly name = 'Panic';
}

/** The agent in this process. */
export class NodeProgram implements Program {
  readonly #config: RawConfig;
  readonly #app: App | undefined;
  readonly #choice: Choice;
  readonly #inputs: readonly string[];
  #agent: FractusAgent | undefined;

  /**
   * @param app default: the usual app, as for members missing in `choice`
   * @param inputs the sources of the app
   */
  constructor(config: RawConfig, app?: App, choice: Choice = {}, inputs: readonly string[] = []) {
    this.#inputs = inputs;
    this.#config = config;
    this.#app = app;
    this.#choice = choice;
  }

  async boot(hal: Hal): Promise<void> {
    this.#agent = undefined;
    try {
      this.#agent = main(hal, this.#config, this.#app, this.#choice);
    } catch (error) {
      // What is wrong with the configuration is said by its key.
      throw error instanceof ConfigError || this.#inputs.length === 0 ? error : new PlacedError(error, this.#inputs);
    }
  }

  stop(timeoutMs: number): Promise<boolean> {
    return stopAgent(this.#agent, timeoutMs);
  }
}

/** Stops an agent of this process. @returns whether it has stopped within the time */
export function stopAgent(agent: Pick<FractusAgent, 'stop'> | undefined, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(false), timeoutMs);
    const onStopped = () => {
      clearTimeout(timeout);
      resolve(true);
    };
    if (agent) agent.stop(onStopped);
    else onStopped();
  });
}

export interface XsProgramOptions extends Pick<XsMachineOptions, 'host' | 'bundle'> {
  config: RawConfig;
  onPanic(panic: Panic): void;
  /** Called when the engine is gone for good. */
  onExit(error: Error): void;
  /** Why the bundle cannot have started, in the words of its sources; undefined when that is not known. */
  explain?: (() => Promise<string | undefined>) | undefined;
}

/** The agent's bundle on XS, in its own process, which continues over restarts. */
export class XsProgram implements Program {
  readonly #options: XsProgramOptions;
  #machine: XsMachine | undefined;
  /** Looked for once: an author may have saved something else since. */
  #explained: Promise<string | undefined> | undefined;

  constructor(options: XsProgramOptions) {
    this.#options = options;
  }

  async boot(hal: Hal): Promise<void> {
    const machine = this.#machine ?? this.#createMachine(hal);
    this.#machine = machine;
    try {
      await machine.boot(hal);
    } catch (error) {
      if (!(error instanceof XsAbortError)) throw error;
      // It leaves an engine that does nothing.
      if (error.duringEvaluation) await this.stop(0);
      const isThrown = error.kind === 'unhandled exception';
      if (isThrown) this.#explained ??= this.#options.explain?.();
      const said = isThrown ? await this.#explained : undefined;
      const { message } = error;
      throw error.duringEvaluation
        ? new Error(said ?? message, { cause: error })
        : new Panic(said ?? message, { cause: error });
    }
  }

  measure(): Promise<XsFigures> | undefined {
    return this.#machine?.measure();
  }

  async stop(timeoutMs: number): Promise<boolean> {
    const machine = this.#machine;
    this.#machine = undefined;
    return (await machine?.stop(timeoutMs)) ?? true;
  }

  #createMachine(hal: Hal): XsMachine {
    const { host, bundle, config, onPanic, onExit, explain } = this.#options;
    const entries = Object.entries(config).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const onAbort = (error: XsAbortError) => {
      const isOfAuthor = explain !== undefined && error.kind === 'unhandled exception';
      onPanic(new Panic(isOfAuthor ? `${error.message}\n${ON_NODE}` : error.message, { cause: error }));
    };
    return new XsMachine({ host, bundle, hal, config: Object.fromEntries(entries), onAbort, onExit });
  }
}

/** XS has no names of functions, and no lines. */
const ON_NODE = '--runtime node shows the file and the line';
