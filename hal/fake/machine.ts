// SPDX-License-Identifier: Apache-2.0

import { oneLine } from '../../src/bytes/text.ts';
import { checkDelay, checkOutput, checkSleep } from '../common/checks.ts';
import { thrownText } from '../common/guard.ts';
import { createRandom } from '../common/random.ts';
import type { SlotRecord } from '../common/slots.ts';
import { isEnrolled } from '../common/store-checks.ts';
import type { Actuator, Indicator, LogLevel, LogListener, ResetCause, Sleep, Timer, Watchdog } from '../hal.ts';
import { verifyP256 } from '../node/verify.ts';
import { FakeClock } from './clock.ts';
import { FakeFirmware } from './firmware.ts';
import { FakeFlash } from './flash.ts';
import { FakeModules } from './modules.ts';
import { FakeNetwork, FakeNetworkPort } from './network.ts';
import { FakeNor } from './nor.ts';
import { DEFAULT_BOARD, type FakeHal, type FakeMachineOptions } from './options.ts';
import { type Scheduled, VirtualTime } from './time.ts';
import { FakeWifi } from './wifi.ts';

/** Most lines of the log that are kept. */
const MAX_LINES = 10_000;

export interface LogEntry {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly line: string;
}

/** A board controlled by a test: flash and identity survive every start, everything else is new. */
export class FakeMachine {
  readonly time: VirtualTime;
  readonly network: FakeNetwork;
  /** The stored values. */
  readonly flash: FakeFlash;
  /** The raw flash, if it has any. */
  readonly nor: FakeNor | undefined;
  /** Its Wi-Fi, if its network can be changed. */
  readonly wifi: FakeWifi | undefined;
  /** The latest lines of all starts. */
  readonly lines: LogEntry[] = [];
  /** Reasons of all restarts; power cuts are not among them. */
  readonly restarts: string[] = [];
  /** Exceptions of the program's callbacks, in all starts. */
  readonly panics: unknown[] = [];
  /** Called with each of them before the restart; its own exception reaches the code that lets time pass. */
  onPanic: ((error: unknown) => void) | undefined;
  /** The latest value of each output, by name. */
  readonly outputs: Record<string, number> = {};
  /** The state that the light shows. */
  light: Parameters<Indicator['show']>[0] | undefined;
  /** Asked at each start whether the earlier starts are remembered; if not, it is number 1. */
  onCount: (() => boolean) | undefined;
  /** Time of the radio in all starts that have ended, from the program's first request for the link on. */
  radioMs = 0;
  /** Whether the next start finds a network. */
  linkUp = true;
  /** Its firmware slots, whether the program may write to them or not. */
  readonly firmware: FakeFirmware;
  /** Its module slot, whether the program may write to it or not. */
  readonly modules = new FakeModules(() => this.powerCut());
  readonly #options: FakeMachineOptions;
  readonly #random: () => number;
  #bootCount: number;
  #resetCause: ResetCause = 'power-on';
  #start: Start | undefined;

  constructor(options: FakeMachineOptions = {}) {
    this.#options = options;
    this.#bootCount = options.bootCount ?? 0;
    this.firmware = new FakeFirmware(options.board?.firmware ?? DEFAULT_BOARD.firmware, () => this.powerCut());
    this.#random = createRandom(options.seed ?? 1);
    this.time = options.time ?? options.network?.time ?? new VirtualTime();
    this.network = options.network ?? new FakeNetwork(this.time);
    this.flash = new FakeFlash({
      capacityBytes: options.capacityBytes,
      random: this.#random,
      onCut: () => this.powerCut(),
    });
    this.wifi = options.wifi && new FakeWifi(this.flash, options.wifi);
    this.nor = options.nor && new FakeNor(options.nor, this.#random, () => this.powerCut());
  }

  /** The state that the bootloader keeps. */
  get slots(): SlotRecord {
    return this.firmware.record;
  }

  set slots(record: SlotRecord) {
    this.firmware.record = record;
  }

  /** The HAL of the current start; undefined while the machine is off or starting. */
  get hal(): FakeHal | undefined {
    return this.#start?.hal;
  }

  /** Number of its starts, as far as it remembers. */
  get bootCount(): number {
    return this.#bootCount;
  }

  /** Number of timers of the current start that will still fire. */
  get runningTimers(): number {
    return this.#start?.runningTimers ?? 0;
  }

  /** Starts the machine now; if it runs, after a power cut. */
  boot(): FakeHal {
    if (this.#start) this.powerCut();
    this.#bootCount = this.onCount?.() === false ? 1 : this.#bootCount + 1;
    this.nor?.powerOn();
    this.firmware.start();
    this.modules.start();
    const start = new Start(this, this.#options, this.#random, this.#bootCount, this.#resetCause);
    this.#resetCause = 'power-on';
    this.#start = start;
    this.#options.onBoot?.(start.hal);
    return start.hal;
  }

  /** The power fails: the current start ends at once, without any callback. */
  powerCut(): void {
    this.flash.powerOff();
    this.nor?.powerOff();
    this.#start?.die();
    this.#start = undefined;
  }

  /** A power cut and a new start. */
  reboot(): FakeHal {
    this.powerCut();
    return this.boot();
  }

  /** Called by the HAL: the current start ends, and the next one follows by itself. */
  restart(reason: string, cause: ResetCause, afterMs: number = this.#options.bootMs ?? 300): void {
    this.restarts.push(reason);
    this.powerCut();
    this.#resetCause = cause;
    this.time.schedule(afterMs, () => {
      if (!this.#start) this.boot();
    });
  }

  /** A callback of the program has thrown: its start ends. */
  panic(error: unknown): void {
    this.panics.push(error);
    if (this.#start === undefined) this.log('error', thrownText(error));
    else this.#start.hal.log('error', thrownText(error));
    this.onPanic?.(error);
    this.restart(thrownText(error), 'panic');
  }

  log(level: LogLevel, line: string): void {
    this.lines.push({ atMs: this.time.nowMs, level, line: oneLine(line) });
    if (this.lines.length > MAX_LINES) this.lines.shift();
  }
}

/** One start of a machine. After its end, calls have no effect and no callback is called. */
class Start {
  readonly hal: FakeHal;
  readonly #machine: FakeMachine;
  readonly #port: FakeNetworkPort;
  runningTimers = 0;
  #alive = true;
  #onLine: LogListener | undefined;

  constructor(
    machine: FakeMachine,
    options: FakeMachineOptions,
    random: () => number,
    bootCount: number,
    resetCause: ResetCause,
  ) {
    this.#machine = machine;
    this.#port = new FakeNetworkPort({
      network: machine.network,
      up: machine.linkUp,
      wifi: machine.wifi,
      onThrown: (error) => this.#panic(error),
    });
    const { board = {}, resources = {}, watchdogMs, firmwareBytes, sleeps = false, outputs = ['relay'] } = options;
    const { modulesBytes } = options;
    this.hal = {
      board: { ...DEFAULT_BOARD, ...board, firmware: machine.firmware.running, bootCount, resetCause },
      clock: new FakeClock(machine.time, options.firstTick ?? 0),
      network: this.#port,
      store: machine.flash.open(),
      ...(machine.nor !== undefined && { flash: machine.nor }),
      sensors: options.sensors ?? { thermometer: { sample: () => TWENTY_DEGREES } },
      actuators: Object.fromEntries(outputs.map((name) => [name, this.#createOutput(name)])),
      indicator: {
        show: (state) => {
          if (this.#alive) machine.light = state;
        },
      },
      ...(watchdogMs !== undefined && { watchdog: this.#createWatchdog(watchdogMs) }),
      ...(firmwareBytes !== undefined && {
        firmware: machine.firmware.open(
          firmwareBytes,
          () => this.#alive,
          () => this.hal.restart('firmware given up'),
        ),
      }),
      ...(modulesBytes !== undefined && { modules: machine.modules.open(modulesBytes, () => this.#alive) }),
      ...(sleeps && { sleep: this.#createSleep() }),
      createTimer: (onTimeout) => this.#createTimer(onTimeout),
      random,
      secureRandom: (into) => {
        for (let at = 0; at < into.length; at++) into[at] = Math.floor(random() * 256);
      },
      verify: verifyP256,
      resource: (name) => {
        if (isEnrolled(name)) return this.hal.store.get(name);
        return Object.hasOwn(resources, name) ? resources[name] : undefined;
      },
      log: (level, line) => {
        if (!this.#alive) return;
        machine.log(level, line);
        this.#onLine?.(level, oneLine(line));
      },
      onLog: (listener) => {
        this.#onLine = listener;
      },
      restart: (reason) => {
        if (this.#alive) machine.restart(reason, 'software');
      },
    };
  }

  die(): void {
    this.#alive = false;
    this.#machine.radioMs += this.#port.radioMs;
    this.#port.powerOff();
  }

  /** A start that has ended within the event, by a power cut or a restart, ends no other. */
  #panic(error: unknown): void {
    if (this.#alive) this.#machine.panic(error);
  }

  #createTimer(onTimeout: () => void): Timer {
    const { time } = this.#machine;
    let running: Scheduled | undefined;
    const stop = () => {
      if (running === undefined) return;
      running.cancel();
      running = undefined;
      this.runningTimers -= 1;
    };
    const run = () => {
      running = undefined;
      this.runningTimers -= 1;
      if (!this.#alive) return;
      try {
        onTimeout();
      } catch (error) {
        this.#panic(error);
      }
    };
    return {
      start: (delayMs) => {
        checkDelay(delayMs);
        stop();
        this.runningTimers += 1;
        running = time.schedule(delayMs, run);
      },
      stop,
    };
  }

  #createOutput(name: string): Actuator {
    return {
      write: (value) => {
        checkOutput(value);
        if (this.#alive) this.#machine.outputs[name] = value;
      },
    };
  }

  #createSleep(): Sleep {
    return {
      deep: (durationMs) => {
        checkSleep(durationMs);
        if (this.#alive) this.#machine.restart('deep sleep', 'deep-sleep', durationMs);
      },
    };
  }

  #createWatchdog(periodMs: number): Watchdog {
    const timer = this.#createTimer(() => this.#machine.restart('watchdog', 'watchdog'));
    timer.start(periodMs);
    return { periodMs, feed: () => timer.start(periodMs) };
  }
}

const TWENTY_DEGREES = { temperature: 20 };
