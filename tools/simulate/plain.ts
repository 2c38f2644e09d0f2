// SPDX-License-Identifier: Apache-2.0
/** Undisturbed devices: measures the speed of virtual time, and checks that nothing unexpected happens. */

import { World } from './machine/world.ts';

export interface PlainOptions {
  readonly seed: number;
  readonly devices: number;
  readonly hours: number;
}

export interface PlainResult extends PlainOptions {
  readonly requests: number;
  readonly measurements: number;
  readonly deviceHours: number;
}

/** Runs devices with one sensor each, a sample every 60 s, sent at once. Throws failures. */
export function runPlain({ seed, devices, hours }: PlainOptions): PlainResult {
  const world = new World({ seed, keepExchanges: 0 });
  for (let i = 1; i < devices; i++) {
    const mac = (0x0201_0000_0000 + i).toString(16).padStart(12, '0');
    world.add({ machine: { board: { mac, serialNumber: `fake-${mac}` } } });
  }
  world.start();
  world.run(hours * 3_600_000);
  world.finish();
  const measurements = world.platform.core.measurements.size;
  return { seed, devices, hours, requests: world.requests, measurements, deviceHours: devices * hours };
}
