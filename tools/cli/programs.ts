// SPDX-License-Identifier: Apache-2.0

import { statSync } from 'node:fs';
import path from 'node:path';
import type { Firmware, Hal } from '../../hal/hal.ts';
import { type Choice, main } from '../../hal/node/main.ts';
import { ConfigError, parseConfig } from '../../src/config.ts';
import type { App, FractusAgent, RawConfig } from '../../src/index.ts';
import { type AuthorApp, loadApp } from '../author/app.ts';
import { PlacedError } from '../author/placed.ts';
import { rehearse } from '../author/rehearsal.ts';
import { buildAll } from '../build.ts';
import { ROOT } from '../places.ts';
import { productOf } from '../product.ts';
import type { XsFigures } from '../xs/figures.ts';
import { XsAbortError, XsMachine, type XsMachineOptions } from '../xs/machine.ts';
import { ANY_MAC } from './device-arguments.ts';

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
    return new Promise((resolve) => {
      const timeout = setTimeout(() => resolve(false), timeoutMs);
      const onStopped = () => {
        clearTimeout(timeout);
        resolve(true);
      };
      if (this.#agent) this.#agent.stop(onStopped);
      else onStopped();
    });
  }
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
    try {
      this.#machine ??= this.#createMachine(hal);
      await this.#machine.boot(hal);
    } catch (error) {
      if (!(error instanceof XsAbortError)) throw error;
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
    return (await this.#machine?.stop(timeoutMs)) ?? true;
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

export interface ProgramChoice {
  readonly program: Program;
  readonly firmware: Firmware;
  /** The engine, for a person. */
  readonly engine: string;
  /** The sources of the author's app; empty without one. */
  readonly inputs: readonly string[];
}

export interface ProgramChoiceOptions {
  /** Undefined: XS if it can be built, else Node. */
  runtime: 'node' | 'xs' | undefined;
  config: RawConfig;
  /** Undefined: the usual app. */
  app?: AuthorApp | undefined;
  /** The agent's tables report their states. */
  isTraced?: boolean | undefined;
  /** Called with a line for a person when Node replaces XS. */
  onFallback(line: string): void;
  /** Called with lines about the build. */
  report(line: string): void;
  onPanic(panic: Panic): void;
  onExit(error: Error): void;
}

/** Builds missing files and creates the program of a device. @throws Error when XS is requested but not available */
export async function chooseProgram(options: ProgramChoiceOptions): Promise<ProgramChoice> {
  const { runtime, config, app, isTraced, onFallback, report, onPanic, onExit } = options;
  if (app?.hasParts === true) {
    // On XS, a configuration that the agent refuses would only show as a crash at each start.
    const { app: own, parts } = await loadApp(app);
    parseConfig(config, ANY_MAC, own.settings, parts);
  }
  if (runtime === 'node') return nodeChoice(config, app);
  const { bundle, host } = await buildAll({ report, app, isTraced });
  if (host.available) {
    const explain = app && (() => rehearse(app, config));
    const program = new XsProgram({ host, bundle: bundle.path, config, onPanic, onExit, explain });
    const inputs = app === undefined ? [] : bundle.inputs;
    return { program, inputs, firmware: bundle.firmware, engine: `XS, ${host.wordBits}-bit, in the heap of an ESP32` };
  }
  if (runtime === 'xs') throw new Error(host.reason);
  onFallback(`${host.reason}; the device runs on Node instead`);
  return nodeChoice(config, app);
}

async function nodeChoice(config: RawConfig, author: AuthorApp | undefined): Promise<ProgramChoice> {
  // Without a build, the package's own files give the build time.
  const buildTimeMs = Math.floor(statSync(path.join(ROOT, 'package.json')).mtimeMs);
  const { firmware } = author?.product ?? productOf(ROOT);
  const loaded = author === undefined ? undefined : await loadApp(author);
  const program = new NodeProgram(config, loaded?.app, loaded, loaded?.inputs);
  const inputs = loaded?.inputs ?? [];
  return { program, inputs, firmware: { ...firmware, buildTimeMs }, engine: `Node ${process.versions.node}` };
}
