// SPDX-License-Identifier: Apache-2.0
/** One board with its agent in a world: everything that can happen to it. */

import { FakeMachine } from '../../hal/fake/machine.ts';
import type { FakeNetwork } from '../../hal/fake/network.ts';
import type { FakeMachineOptions } from '../../hal/fake/options.ts';
import type { Hal, LogLevel } from '../../hal/hal.ts';
import {
  type App,
  type Capability,
  ConfigError,
  createAgent,
  type FractusAgent,
  type Part,
  type RawConfig,
} from '../../src/index.ts';
import type { TracedHal } from '../desk/trace.ts';
import type { Platform } from '../platform/platform.ts';
import { deviceUserName } from '../platform/tenant/credentials.ts';
import { meddled } from './meddling.ts';

export interface SimulatedDeviceOptions {
  readonly network: FakeNetwork;
  readonly platform: Platform;
  readonly seed: number;
  /** Complete: nothing is added. */
  readonly config: RawConfig;
  readonly app: App;
  readonly machine: Omit<FakeMachineOptions, 'time' | 'network' | 'seed' | 'onBoot'>;
  /** Undefined: the usual ones. */
  readonly capabilities: readonly Capability[] | undefined;
  /** Undefined: all of them. */
  readonly parts: readonly Part[] | undefined;
  /** Its calls into the HAL are counted, which takes time. */
  readonly countsCalls: boolean;
  /** Told of every line of the log as it is written. */
  readonly onLine: (line: string) => void;
}

/** Built from the board at each start, as a firmware is. */
export class SimulatedDevice {
  readonly machine: FakeMachine;
  /** Also its external id. */
  readonly deviceId: string;
  /** What the next start is configured with. */
  config: RawConfig;
  /** The agent of the present start. */
  agent: FractusAgent | undefined;
  /** Told of each call into the HAL, which fails with what it throws. */
  onCall: ((what: string) => void) | undefined;
  /** Told of each line of the log. */
  onLog: ((level: LogLevel, line: string) => void) | undefined;
  /** Told of each turn of the agent's tables, where `tools/desk/trace.ts` has been loaded. */
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

  /** False after a power cut, until `start`, and while a restart is under way. */
  get powered(): boolean {
    return this.machine.hal !== undefined;
  }

  /** The log of all starts. */
  get lines(): readonly string[] {
    return this.machine.lines.map(({ level, line }) => `${level}: ${line}`);
  }

  /** Power on. */
  start(): void {
    if (!this.powered) this.machine.boot();
  }

  /** Power off, at once and without a word; what the platform sent last may never have arrived. */
  powerCut(): void {
    this.machine.powerCut();
    this.#forgive();
  }

  /** Power off and on. */
  reboot(): void {
    this.powerCut();
    this.start();
  }

  /** Has the power go at the `n`-th write to the flash from now on; `start` brings it back. */
  cutAtWrite(n: number, point: 'before' | 'half' | 'after'): void {
    this.machine.flash.cutAtWrite(n, point);
  }

  /** The flash is erased, as that of a new board is. The power has to be off. */
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
    // What was on the way when it went down is found lost when it comes up again.
    this.#forgive();
  }

  #boot(hal: Hal): void {
    // A restart by the program or the watchdog is a power cut to the platform.
    this.#forgive();
    const log = (level: LogLevel, line: string) => {
      this.#options.onLine(line);
      this.onLog?.(level, line);
      hal.log(level, line);
    };
    const { app, capabilities, countsCalls, parts } = this.#options;
    const own: TracedHal = { ...hal, log, ...(this.onTrace && { trace: this.onTrace }) };
    try {
      // Who watches does not count.
      const given = countsCalls ? meddled(own, (what) => what !== 'hal.trace' && this.onCall?.(what)) : own;
      this.agent = createAgent({ hal: given, config: this.config, app, capabilities, parts });
      this.agent.start();
    } catch (error) {
      // As the entry of a board does.
      if (error instanceof ConfigError) throw error;
      if (this.powered) this.machine.panic(error);
    }
  }

  #forgive(): void {
    this.#options.platform.forgive(this.user);
  }
}
