// SPDX-License-Identifier: Apache-2.0
/** Many virtual devices in this process, each with its own id, weather and flash. */

import type { Sensor } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { main } from '../../hal/node/main.ts';
import { createNodeHal, type NodeHal } from '../../hal/node/node.ts';
import type { FractusAgent, RawConfig } from '../../src/index.ts';
import { VERSION } from '../../src/version.ts';
import { tables } from '../desk/tables.ts';
import type { TracedHal } from '../trace.ts';
import '../trace.ts';

const RESTART_MS = 300;
/** Pause after a panic, so that repeated failures do not keep the host busy. */
const PANIC_MS = 5000;
const STOP_MS = 2000;
const LISTEN = tables.findIndex(({ name }) => name === 'listen');
const CONNECT = tables[LISTEN]?.states.findIndex(({ name }) => name === 'connect') ?? -1;

export interface FleetCounts {
  readonly started: number;
  readonly listening: number;
  /** Samples taken; each is a measurement. */
  readonly taken: number;
  /** Records of all devices that wait to be sent. */
  readonly waiting: number;
  readonly restarts: number;
  readonly panics: number;
}

/** A MAC of twelve hex digits: locally administered, two bytes of the seed, three of the number. */
export function macOf(seed: number, number: number): string {
  return `02${hex(seed % 65_536, 4)}${hex(number, 6)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

class FleetDevice {
  isStarted = false;
  isListening = false;
  taken = 0;
  waiting = 0;
  restarts = 0;
  panics = 0;
  readonly #config: RawConfig;
  readonly #seed: number;
  readonly #flash: Flash;
  #hal: NodeHal | undefined;
  #agent: FractusAgent | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(config: RawConfig, seed: number, number: number) {
    this.#config = config;
    this.#seed = seed + number;
    this.#flash = new Flash({ mac: macOf(seed, number) });
  }

  startIn(delayMs: number): void {
    if (!this.#isEnding) this.#timer = setTimeout(() => this.#boot(), delayMs);
  }

  /** Resolves within `STOP_MS`. */
  stop(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(deadline);
        this.#hal?.close();
        this.#flash.close();
        resolve();
      };
      const deadline = setTimeout(end, STOP_MS);
      if (this.#agent === undefined) end();
      else this.#agent.stop(end);
    });
  }

  #boot(): void {
    this.isStarted = true;
    this.isListening = false;
    const hal = createNodeHal({
      flash: this.#flash,
      seed: this.#seed,
      firmware: { name: 'fractus', version: VERSION, buildTimeMs: 0 },
      onRestart: () => this.#again(this.#flash.resetCause === 'panic'),
    });
    this.#hal = hal;
    const traced: TracedHal = {
      ...hal,
      sensors: this.#counted(hal.sensors),
      trace: (table, state, waiting) => {
        this.waiting = waiting;
        if (table === LISTEN) this.isListening = state === CONNECT;
      },
    };
    try {
      this.#agent = main(traced, this.#config);
    } catch {
      this.#agent = undefined;
      hal.close();
      this.#again(true);
    }
  }

  #counted(sensors: Readonly<Record<string, Sensor>>): Readonly<Record<string, Sensor>> {
    const counting = (sensor: Sensor): Sensor => ({
      sample: () => {
        this.taken += 1;
        return sensor.sample();
      },
    });
    return Object.fromEntries(Object.entries(sensors).map(([name, sensor]) => [name, counting(sensor)]));
  }

  #again(isPanic: boolean): void {
    this.isListening = false;
    if (isPanic) this.panics += 1;
    else this.restarts += 1;
    this.startIn(isPanic ? PANIC_MS : RESTART_MS);
  }
}

export interface FleetOptions {
  /** Numbers of this process's devices within the whole fleet. */
  readonly numbers: readonly number[];
  readonly seed: number;
  readonly config: RawConfig;
  /** Time from the first start to the last, in ms. */
  readonly spreadMs: number;
}

export class Fleet {
  readonly #devices: readonly FleetDevice[];

  constructor({ numbers, seed, config, spreadMs }: FleetOptions) {
    this.#devices = numbers.map((number) => new FleetDevice(config, seed, number));
    for (const [i, device] of this.#devices.entries()) device.startIn((i / numbers.length) * spreadMs);
  }

  get counts(): FleetCounts {
    const sum = (of: (device: FleetDevice) => number) => this.#devices.reduce((total, each) => total + of(each), 0);
    return {
      started: sum(({ isStarted }) => Number(isStarted)),
      listening: sum(({ isListening }) => Number(isListening)),
      taken: sum(({ taken }) => taken),
      waiting: sum(({ waiting }) => waiting),
      restarts: sum(({ restarts }) => restarts),
      panics: sum(({ panics }) => panics),
    };
  }

  /** Ends all devices in order, within two seconds. */
  async stop(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.stop()));
  }
}
