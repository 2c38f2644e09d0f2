// SPDX-License-Identifier: Apache-2.0
/** One board with its agent in a world, and everything that can happen to it. */

import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { FakeNetwork } from '../../../hal/fake/network.ts';
import type { FakeMachineOptions } from '../../../hal/fake/options.ts';
import type { Hal, LogLevel } from '../../../hal/hal.ts';
import {
  type App,
  type Capability,
  ConfigError,
  createAgent,
  type FractusAgent,
  type Part,
  type RawConfig,
} from '../../../src/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { deviceUserName } from '../../platform/tenant/credentials.ts';
import type { TracedHal } from '../../trace.ts';
import { meddled } from './meddling.ts';

export interface SimulatedDeviceOptions {
  readonly network: FakeNetwork;
  readonly platform: Platform;
  readonly seed: number;
  /** The complete configuration. */
  readonly config: RawConfig;
  readonly app: App;
  readonly machine: Omit<FakeMachineOptions, 'time' | 'network' | 'seed' | 'onBoot'>;
  /** Undefined: the usual capabilities. */
  readonly capabilities: readonly Capability[] | undefined;
  /** Undefined: all parts. */
  readonly parts: readonly Part[] | undefined;
  /** Counts calls into the HAL, which takes time. */
  readonly countsCalls: boolean;
  /** Called with every line of the log as it is written. */
  readonly onLine: (line: string) => void;
}

/** A simulated device. Its agent is created at each start, as in a firmware. */
export class SimulatedDevice {
  readonly machine: FakeMachine;
  /** The device id, which is also its external id. */
  readonly deviceId: string;
  /** Configuration of the next start. */
  config: RawConfig;
  /** The agent of the present start. */
  agent: FractusAgent | undefined;
  /** Called before each call into the HAL; the call fails with the error that this throws. */
  onCall: ((what: string) => void) | undefined;
  /** Called with each line of the log. */
  onLog: ((level: LogLevel, line: string) => void) | undefined;
  /** Called with each state change of the agent's tables, if `tools/trace.ts` has been loaded. */
  onTrace: TracedHal['trace'];
  readonly #options: SimulatedDeviceOptions;

  constructor(options: SimulatedDeviceOptions) {
    this.#options = options;
    this.config = options.config;
    this.machine = new FakeMachine({
      ...options.machine,
      time: options.network.time,
      network: options.network,
      seed: options.seed,
      onBoot: (hal) => this.#boot(hal),
    });
    if (this.machine.wifi !== undefined) this.machine.wifi.onLink = () => this.#forgive();
    this.deviceId = options.config['deviceId'] ?? `esp32-${options.machine.board?.mac ?? '0200000000fa'}`;
  }

  /** Name of its user on the platform. */
  get user(): string {
    return deviceUserName(this.deviceId);
  }

  /** False after a power cut until `start`, and during a restart. */
  get powered(): boolean {
    return this.machine.hal !== undefined;
  }

  /** The log of all starts. */
  get lines(): readonly string[] {
    return this.machine.lines.map(({ level, line }) => `${level}: ${line}`);
  }

  /** Switches the power on. */
  start(): void {
    if (!this.powered) this.machine.boot();
  }

  /** Cuts the power at once. The last messages of the platform may not have arrived. */
  powerCut(): void {
    this.machine.powerCut();
    this.#forgive();
  }

  /** Cuts the power and switches it on again. */
  reboot(): void {
    this.powerCut();
    this.start();
  }

  /** Cuts the power at the `n`-th write to the flash from now on; `start` switches it on again. */
  cutAtWrite(n: number, point: 'before' | 'half' | 'after'): void {
    this.machine.flash.cutAtWrite(n, point);
  }

  /** Erases the flash, like that of a new board. The power must be off. */
  erase(): void {
    this.machine.flash.values.clear();
    this.#forgive();
  }

  linkDown(): void {
    this.#link(false);
  }

  linkUp(): void {
    this.#link(true);
  }

  #link(up: boolean): void {
    this.machine.linkUp = up;
    this.machine.hal?.network.setUp(up);
    // Bytes in transit when the link went down are lost.
    this.#forgive();
  }

  #boot(hal: Hal): void {
    // For the platform, a restart by the program or the watchdog is a power cut.
    this.#forgive();
    const log = (level: LogLevel, line: string) => {
      this.#options.onLine(line);
      this.onLog?.(level, line);
      hal.log(level, line);
    };
    const { app, capabilities, countsCalls, parts } = this.#options;
    const own: TracedHal = { ...hal, log, ...(this.onTrace && { trace: this.onTrace }) };
    try {
      // Calls for tracing are not counted.
      const given = countsCalls ? meddled(own, (what) => what !== 'hal.trace' && this.onCall?.(what)) : own;
      this.agent = createAgent({ hal: given, config: this.config, app, capabilities, parts });
      this.agent.start();
    } catch (error) {
      // The same as in the main module of a board.
      if (error instanceof ConfigError) throw error;
      if (this.powered) this.machine.panic(error);
    }
  }

  #forgive(): void {
    this.#options.platform.forgive(this.user);
  }
}
