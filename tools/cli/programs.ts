// SPDX-License-Identifier: Apache-2.0

import { statSync } from 'node:fs';
import path from 'node:path';
import type { Firmware, Hal } from '../../hal/hal.ts';
import { type Choice, main } from '../../hal/node/main.ts';
import { parseConfig } from '../../src/config.ts';
import type { App, FractusAgent, RawConfig } from '../../src/index.ts';
import { type AuthorApp, loadApp } from '../author/app.ts';
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
  #agent: FractusAgent | undefined;

  /** @param app default: the usual app, as for members missing in `choice` */
  constructor(config: RawConfig, app?: App, choice: Choice = {}) {
    this.#config = config;
    this.#app = app;
    this.#choice = choice;
  }

  async boot(hal: Hal): Promise<void> {
    this.#agent = undefined;
    this.#agent = main(hal, this.#config, this.#app, this.#choice);
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
}

/** The agent's bundle on XS, in its own process, which continues over restarts. */
export class XsProgram implements Program {
  readonly #options: XsProgramOptions;
  #machine: XsMachine | undefined;

  constructor(options: XsProgramOptions) {
    this.#options = options;
  }

  async boot(hal: Hal): Promise<void> {
    try {
      this.#machine ??= this.#createMachine(hal);
      await this.#machine.boot(hal);
    } catch (error) {
      throw error instanceof XsAbortError && !error.duringEvaluation ? toPanic(error) : error;
    }
  }

  measure(): Promise<XsFigures> | undefined {
    return this.#machine?.measure();
  }

  async stop(timeoutMs: number): Promise<boolean> {
    return (await this.#machine?.stop(timeoutMs)) ?? true;
  }

  #createMachine(hal: Hal): XsMachine {
    const { host, bundle, config, onPanic, onExit } = this.#options;
    const entries = Object.entries(config).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const onAbort = (error: XsAbortError) => onPanic(toPanic(error));
    return new XsMachine({ host, bundle, hal, config: Object.fromEntries(entries), onAbort, onExit });
  }
}

function toPanic(error: XsAbortError): Panic {
  return new Panic(error.message, { cause: error });
}

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
    const program = new XsProgram({ host, bundle: bundle.path, config, onPanic, onExit });
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
  const program = new NodeProgram(config, loaded?.app, loaded);
  const inputs = loaded?.inputs ?? [];
  return { program, inputs, firmware: { ...firmware, buildTimeMs }, engine: `Node ${process.versions.node}` };
}
