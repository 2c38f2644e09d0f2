// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import type { RawConfig } from '../../src/index.ts';
import { buildAll } from '../../tools/build.ts';
import { NodeProgram, type Panic, type Program, XsProgram } from '../../tools/device/programs.ts';
import { VirtualDevice } from '../../tools/device/virtual-device.ts';
import { testWith } from './needs.ts';
import { until } from './until.ts';

/** What the agent runs on. */
export type Runtime = 'node' | 'xs';

const { bundle, host } = await buildAll();

const RUNTIMES: readonly Runtime[] = ['node', 'xs'];

/** A test on each runtime; where XS cannot be built, its half counts as skipped, and all where something is `missing`. */
export function testOnRuntimes(
  title: string,
  run: (t: ExecutionContext, runtime: Runtime) => Promise<void>,
  missing?: string,
  runtimes = RUNTIMES,
): void {
  for (const runtime of runtimes) {
    const declare = testWith(missing ?? (runtime === 'xs' ? host.reason : undefined));
    declare(`${runtime}: ${title}`, (t) => run(t, runtime));
  }
}

export interface DeviceOptions {
  readonly runtime: Runtime;
  readonly config: RawConfig;
  /** Certificates and keys by the name that the configuration gives them. */
  readonly resources?: Readonly<Record<string, string>>;
}

/** A virtual board with the default app, gone when the test is over. */
export class TestDevice {
  readonly flash = new Flash({ mac: '02aabbccddee' });
  /** All that it has logged, `level line`. */
  readonly lines: string[] = [];
  /** Why it could not go on: a program that failed, an engine that ended. */
  readonly failures: string[] = [];
  readonly #device: VirtualDevice;
  #stopped: Promise<void> | undefined;

  constructor(t: ExecutionContext, options: DeviceOptions) {
    const resources: Record<string, Uint8Array> = {};
    for (const [name, text] of Object.entries(options.resources ?? {})) resources[name] = Buffer.from(text);
    this.#device = new VirtualDevice({
      flash: this.flash,
      program: this.#createProgram(options),
      firmware: bundle.firmware,
      resources,
      log: (level: LogLevel, line: string) => void this.lines.push(`${level} ${line}`),
    });
    this.#device.failure.catch((error: Error) => this.failures.push(error.message));
    t.teardown(() => this.stop());
    this.#device.start();
  }

  /** Whether a line that matches has been logged. */
  said(pattern: RegExp): boolean {
    return this.lines.some((line) => pattern.test(line));
  }

  /** Waits for `count` lines that match. */
  async hears(pattern: RegExp, count = 1): Promise<void> {
    await until(
      () => this.lines.filter((line) => pattern.test(line)).length >= count,
      () => `not ${count} of ${pattern} in\n${this.lines.join('\n')}\n${this.failures.join('\n')}`,
    );
  }

  /** Ends it in order; more than once is the same as once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#device.stop();
    return this.#stopped;
  }

  #createProgram({ runtime, config }: DeviceOptions): Program {
    if (runtime === 'node') return new NodeProgram(config);
    if (!host.available) throw new Error(host.reason);
    const onPanic = (panic: Panic) => {
      this.failures.push(panic.message);
      this.#device.panic(panic);
    };
    const onExit = (error: Error) => this.#device.fail(error);
    return new XsProgram({ host, bundle: bundle.path, config, onPanic, onExit });
  }
}
