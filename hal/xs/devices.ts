// SPDX-License-Identifier: Apache-2.0

import type { Actuator, Indicator, Sensor, Watchdog } from '../hal.ts';
import { INDICATOR_STATES, Op, Sample } from './protocol.ts';

/** A sensor of the parent; numbers arrive without an allocation. */
export class XsSensor implements Sensor {
  readonly #id: number;
  #shape = 0;
  #names: string[] = [];
  #sample: Record<string, number> = {};

  constructor(id: number) {
    this.#id = id;
  }

  sample(): Readonly<Record<string, unknown>> | undefined {
    const result = xsHost.call(Op.SensorSample, this.#id, this.#shape);
    if (result === Sample.Nothing) return undefined;
    if (result === Sample.Other) return JSON.parse(xsHost.text());
    if (result !== Sample.Known) this.learn(result);
    const names = this.#names;
    const sample = this.#sample;
    for (let i = 0; i < names.length; i++) sample[names[i] as string] = xsHost.number(i);
    return sample;
  }

  private learn(shape: number): void {
    this.#shape = shape;
    this.#names = JSON.parse(xsHost.text());
    this.#sample = {};
    xsHost.call(Op.SensorValues, this.#id, 0);
  }
}

export class XsActuator implements Actuator {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  write(value: number): void {
    xsHost.call(Op.ActuatorWrite, this.#id, 0, value);
  }
}

export class XsIndicator implements Indicator {
  show(state: (typeof INDICATOR_STATES)[number]): void {
    xsHost.send(Op.Indicate, 0, INDICATOR_STATES.indexOf(state));
  }
}

export class XsWatchdog implements Watchdog {
  readonly periodMs: number;

  constructor(periodMs: number) {
    this.periodMs = periodMs;
  }

  feed(): void {
    xsHost.send(Op.WatchdogFeed, 0, 0);
  }
}
