// SPDX-License-Identifier: Apache-2.0
/** T1: a month (a week with a stride) of a device without a clock, with a stepping clock, or with counters that wrap. */

import { createRandom } from '../../../hal/common/random.ts';
import { FakeNetwork } from '../../../hal/fake/network.ts';
import type { FakeMachineOptions } from '../../../hal/fake/options.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { measurementsOf } from '../../platform/operator.ts';
import type { Bench } from '../bench.ts';
import { checkSamples } from '../invariants/samples.ts';
import { CLOCK_TOLERANCE_MS, type TimeRules } from '../invariants/times.ts';
import { BOARD, Plant } from '../machine/plant.ts';
import { World } from '../machine/world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 30;
/** For the sample of it in `npm test`: most of what happens to a clock happens in the first days. */
const DAYS_WITH_STRIDE = 7;
const INTERVAL_S = 900;
/** Most requests per hour: a sample, a poll and related requests, four times. */
const MOST_REQUESTS_AN_HOUR = 40;
const CONFIG = { measurementInterval: String(INTERVAL_S), pollTimeout: '1800', requiredAvailability: '60' };

interface Month {
  readonly name: string;
  readonly machine: Omit<FakeMachineOptions, 'time' | 'network' | 'seed' | 'onBoot'>;
  /** Error of the platform's clock, hour by hour. */
  skewMs(hour: number, random: () => number): number | undefined;
}

const nor = { sectorBytes: 4096, sectors: 16 };
const MONTHS: readonly Month[] = [
  { name: 'ticks that pass 2^31', machine: { nor, firstTick: 2 ** 31 - HOUR_MS }, skewMs: () => undefined },
  { name: 'ticks that pass 2^32', machine: { nor, firstTick: 2 ** 32 - DAY_MS }, skewMs: () => undefined },
  { name: 'a day without a clock', machine: { nor }, skewMs: (hour) => (hour < 24 ? -20 * 365 * DAY_MS : 0) },
  {
    name: 'a clock that steps by hours',
    machine: { nor },
    skewMs: (hour, random) => (hour % 12 === 0 ? Math.floor((random() - 0.5) * 4 * HOUR_MS) : undefined),
  },
  {
    name: 'a clock that steps by years',
    machine: { nor },
    skewMs: (hour, random) => (hour % 48 === 0 ? Math.floor(random() * 20 * 365 * DAY_MS) : undefined),
  },
];

export function t1(bench: Bench, seed: number): void {
  for (const month of MONTHS) {
    if (!bench.goesOn) return;
    const { stride } = bench;
    bench.check(`--suite T1 --seed ${seed} --stride ${stride}`, () =>
      live(month, seed, stride > 1 ? DAYS_WITH_STRIDE : DAYS),
    );
  }
}

function live(month: Month, seed: number, days: number) {
  const random = createRandom(seed * 31);
  const time = new VirtualTime();
  const plant = new Plant({ time });
  const skewsMs = [0];
  const { machine } = month;
  const network = new FakeNetwork(time);
  const world = new World({ seed, app: plant.app, config: CONFIG, machine, network, keepExchanges: 0 });
  plant.machine = world.device.machine;
  let before = 0;
  world.start();
  for (let hour = 0; hour < days * 24; hour++) {
    const skewMs = month.skewMs(hour, random);
    if (skewMs !== undefined) {
      world.platform.settings.dateSkewMs = skewMs;
      skewsMs.push(skewMs);
    }
    world.run(HOUR_MS);
    const requests = world.requests - before;
    // A device sends more in its first hour, and when it learns the time.
    if (requests > MOST_REQUESTS_AN_HOUR + (hour % 24 === 0 ? 100 : 0)) {
      throw new Error(`I10: ${month.name}: ${requests} requests in hour ${hour}`);
    }
    before = world.requests;
  }
  check(world, plant, { toleranceMs: CLOCK_TOLERANCE_MS, skewsMs, starts: plant.starts }, month.name);
  return { cuts: 0, faults: 0, requests: world.requests, simulatedMs: world.time.nowMs };
}

/** All samples have arrived, once and in order, and their number fits the time. */
function check(world: World, plant: Plant, rules: TimeRules, name: string): void {
  const records = measurementsOf(world.platform, world.object?.id ?? '');
  const { seen, again } = checkSamples(records, plant.taken.get(BOARD) ?? [], rules);
  const expected = Math.floor(world.time.nowMs / 1000 / INTERVAL_S);
  if (Math.abs(plant.samples - expected) > 2) throw new Error(`T1: ${name}: ${plant.samples} samples of ${expected}`);
  if (again.size > 0) throw new Error(`I3: ${name}: ${again.size} batches came twice`);
  const missing = Array.from({ length: plant.samples - 1 }, (_, at) => at + 1).filter((sample) => !seen.has(sample));
  if (missing.length > 0) throw new Error(`I3: ${name}: samples ${missing.slice(0, 5)} are lost`);
  world.finish();
}
