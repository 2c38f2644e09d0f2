// SPDX-License-Identifier: Apache-2.0

import I2C, { bus, type Wire } from 'embedded:io/i2c';
import SMBus from 'embedded:io/smbus';
import platform from 'fractus/platform';
import parts from 'fractus/sensors';
import { connectSensors } from '../../../hal/esp32/sensors/connect.ts';
import type { Connectors } from '../../../hal/esp32/sensors/part.ts';
import { FakeBme680, FakeBmp280, FakeLis3dh, FakeSht3x, FakeTmp117 } from './parts.ts';

/*
 * Plays the drivers against parts that are good, bad, absent or stuck; prints one line for each scenario: its name, and
 * as JSON what each sample was: an object, null for nothing, or the text of what was thrown.
 */

const connectors = { I2C, SMBus, bus: { data: 21, clock: 22 } } as unknown as Connectors;
const clock = { ticks: () => bus.ticks, now: () => undefined, set: () => {} };

interface Fake {
  read(into: Uint8Array): void;
  write(bytes: Uint8Array): void;
  powerOn?(): void;
  measure?(): void;
  noisy?: boolean;
  heated?: number;
}

const FAKES: Readonly<Record<string, { address: number; create(): Fake }>> = {
  bme68x: { address: 0x77, create: () => new FakeBme680() },
  bmp280: { address: 0x76, create: () => new FakeBmp280() },
  sht3x: { address: 0x44, create: () => new FakeSht3x() },
  tmp117: { address: 0x48, create: () => new FakeTmp117() },
  lis3dh: { address: 0x18, create: () => new FakeLis3dh() },
};

/** One part on a bus of its own. */
class Scenario {
  readonly fake: Fake;
  readonly #results: unknown[] = [];
  readonly #name: string;
  readonly #sensor: { sample(): unknown };

  constructor(part: string, what: string) {
    const { address, create } = FAKES[part] as (typeof FAKES)[string];
    this.fake = create();
    this.#name = `${part} ${what}`;
    bus.parts = new Map([[address, this.fake]]);
    bus.wire = 'good';
    bus.open.clear();
    const options = { connectors, clock, log: () => {} };
    const declared = { it: (parts[part] as NonNullable<(typeof parts)[string]>)() };
    this.#sensor = connectSensors(declared, options)['it'] as { sample(): unknown };
  }

  /** Takes `count` samples, `gapMs` apart; the part has measured before each. */
  sample(count: number, gapMs: number = 10_000): this {
    for (let i = 0; i < count; i++) {
      this.fake.measure?.();
      this.sampleNow(gapMs);
    }
    return this;
  }

  /** Takes one before the part has measured anything. */
  sampleNow(gapMs: number = 10_000): this {
    try {
      const sample = this.#sensor.sample();
      this.#results.push(sample === undefined ? null : { ...(sample as object) });
    } catch (error) {
      this.#results.push((error as Error).message);
    }
    bus.ticks += gapMs;
    return this;
  }

  /** Another part is at its address. */
  replace(part: string): this {
    const [address] = bus.parts.keys();
    bus.parts = new Map([[address as number, (FAKES[part] as (typeof FAKES)[string]).create()]]);
    return this;
  }

  wire(wire: Wire): this {
    bus.wire = wire;
    return this;
  }

  end(): void {
    platform.print(`${this.#name} ${JSON.stringify(this.#results)}`);
  }
}

export default function main(): void {
  for (const part of Object.keys(FAKES)) {
    const start = (what: string) => new Scenario(part, what);
    // The first sample opens it; some parts have measured nothing by then.
    start('good').sampleNow().sample(2).end();
    for (const wire of ['absent', 'low', 'high', 'slow'] as const) {
      start(wire).wire(wire).sample(3).wire('good').sample(4).end();
      start(`good-${wire}`).sample(2).wire(wire).sample(6).wire('good').sample(4, 400_000).end();
    }
    const unpowered = start('unpowered').sample(2);
    unpowered.fake.powerOn?.();
    unpowered.sampleNow().sample(4).end();
    start('other')
      .replace(part === 'bmp280' ? 'bme68x' : 'bmp280')
      .sample(2)
      .end();
  }
  const noisy = new Scenario('sht3x', 'noisy');
  noisy.fake.noisy = true;
  noisy.sample(3);
  noisy.fake.noisy = false;
  noisy.sample(3).end();
  const heated = new Scenario('bme68x', 'heated').sample(3);
  platform.print(`bme68x heater ${JSON.stringify([heated.fake.heated])}`);
  platform.print(`bus open ${JSON.stringify([bus.open.size])}`);
  platform.print('drivers: done');
}
