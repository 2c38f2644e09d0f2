// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Connectors, Driver, SensorPart } from '../../../../hal/esp32/sensors/part.ts';
import { analogInput, battery, digitalInput, digitalOutput, pwmOutput } from '../../../../hal/esp32/sensors/pins.ts';
import { Probe } from '../../../../hal/esp32/sensors/probe.ts';

/** Pins that remember: what was opened with which options, and the level of each. */
function createPins() {
  const opened: Readonly<Record<string, unknown>>[] = [];
  const levels = new Map<unknown, number | undefined>();
  class Pin {
    readonly resolution = 12;
    readonly #pin: unknown;
    static readonly Input = 0;
    static readonly InputPullUp = 1;
    static readonly InputPullDown = 2;
    static readonly Output = 8;
    constructor(options: Readonly<Record<string, unknown>>) {
      opened.push(options);
      this.#pin = options['pin'];
      if ('initialValue' in options) levels.set(this.#pin, options['initialValue'] as number);
    }
    read(): number {
      return levels.get(this.#pin) as number;
    }
    write(value: number): void {
      levels.set(this.#pin, value);
    }
    close(): void {
      levels.delete(this.#pin);
    }
  }
  const connectors = { Analog: Pin, Digital: Pin, PWM: Pin } as unknown as Connectors;
  return { opened, levels, connectors };
}

/** What the guard makes of it. */
function sampleOf(part: SensorPart, driver: Driver): unknown {
  const clock = { ticks: () => 0, now: () => undefined, set: () => {} };
  return new Probe({ part: part.part, values: part.values, clock, open: () => driver }).sample();
}

test('ADC: volts at the divider', (t) => {
  const { levels, connectors } = createPins();
  const part = analogInput({ pin: 34, divider: 2 });
  const driver = part.open(connectors);
  levels.set(34, 0);
  t.deepEqual(sampleOf(part, driver), { voltage: 0 });
  levels.set(34, 4094);
  t.deepEqual(sampleOf(part, driver), { voltage: (4094 / 4095) * 2.45 * 2 });
});

test('ADC: at the end of the scale, and where it cannot be read, there is no value', (t) => {
  const { levels, connectors } = createPins();
  const part = analogInput({ pin: 34 });
  const driver = part.open(connectors);
  for (const count of [4095, undefined]) {
    levels.set(34, count);
    t.throws(() => sampleOf(part, driver), { message: 'ADC on pin 34: its values are impossible' });
  }
});

test('battery: volts and a charge between empty and full', (t) => {
  const { levels, connectors } = createPins();
  const part = battery({ pin: 35, divider: 2, fullScaleV: 2.45 });
  const driver = part.open(connectors);
  const charges = [3, 3.3, 3.75, 4.2, 4.5].map((volts) => {
    levels.set(35, (volts / 2 / 2.45) * 4095);
    return (sampleOf(part, driver) as { charge: number }).charge;
  });
  t.deepEqual(
    charges.map((charge) => Math.round(charge)),
    [0, 0, 50, 100, 100],
  );
  levels.set(35, 4095);
  t.throws(() => sampleOf(part, driver));
});

test('digital input: pull and active level', (t) => {
  const { opened, levels, connectors } = createPins();
  const part = digitalInput({ pin: 4, pull: 'up', activeLow: true });
  const driver = part.open(connectors);
  t.deepEqual(opened, [{ pin: 4, mode: 1 }]);
  levels.set(4, 1);
  t.deepEqual(sampleOf(part, driver), { state: 0 });
  levels.set(4, 0);
  t.deepEqual(sampleOf(part, driver), { state: 1 });
  driver.close?.();
  t.false(levels.has(4));
});

test('digital output: it opens with the level it shall have, and refuses what is no output', (t) => {
  const { opened, levels, connectors } = createPins();
  const relay = digitalOutput({ pin: 26, activeLow: true }).open(connectors);
  t.deepEqual(opened, [{ pin: 26, mode: 8, initialValue: 1 }]);
  relay.write(1);
  t.is(levels.get(26), 0);
  relay.write(0);
  t.is(levels.get(26), 1);
  for (const value of [-1, 2, NaN]) t.throws(() => relay.write(value), { instanceOf: RangeError });
  t.is(levels.get(26), 1);
});

test('PWM: a share of the resolution', (t) => {
  const { opened, levels, connectors } = createPins();
  const fan = pwmOutput({ pin: 18, hz: 25_000 }).open(connectors);
  t.deepEqual(opened, [{ pin: 18, hz: 25_000 }]);
  const duties = [0, 0.5, 1].map((value) => {
    fan.write(value);
    return levels.get(18);
  });
  t.deepEqual(duties, [0, 2048, 4095]);
  for (const value of [-0.1, 1.1, NaN]) t.throws(() => fan.write(value), { instanceOf: RangeError });
});
