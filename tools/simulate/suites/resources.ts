// SPDX-License-Identifier: Apache-2.0
/** M1: everything that the HAL can refuse is refused, once for each request. */

import { FakeNetwork } from '../../../hal/fake/network.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { eventsOf, measurementsOf } from '../../platform/operator.ts';
import type { Bench } from '../bench.ts';
import type { PlannedFault } from '../faults/fault.ts';
import { checkSamples } from '../invariants/samples.ts';
import { CLOCK_TOLERANCE_MS } from '../invariants/times.ts';
import { BOARD, Plant } from '../machine/plant.ts';
import { World } from '../machine/world.ts';

const HOUR_MS = 3_600_000;

export function m1(bench: Bench, seed: number): void {
  for (const name of bench.scenarios) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] });
    const refusals: PlannedFault[] = [];
    for (let at = 1; at <= occasions.connect; at++) refusals.push({ on: 'connect', at, what: 'no-memory' });
    for (let at = 1; at <= occasions.write; at++) {
      refusals.push({ on: 'write', at, what: 'refused' }, { on: 'write', at, what: 'full' });
    }
    for (let at = 1; at <= occasions.exchange; at++) refusals.push({ on: 'exchange', at, what: 'huge' });
    for (const refusal of refusals) {
      if (!bench.goesOn) return;
      bench.disturb({ scenario: name, seed, faults: [refusal] });
    }
  }
  if (bench.goesOn) bench.check(`--suite M1 --seed ${seed}`, () => fullFlashQueue(seed));
}

/** Two days without a network, sampled every minute: more than fits. The oldest samples are dropped and counted. */
function fullFlashQueue(seed: number) {
  const time = new VirtualTime();
  const plant = new Plant({ time });
  const machine = { nor: { sectorBytes: 512, sectors: 16 } };
  const config = { measurementInterval: '60', queueSize: '16' };
  const network = new FakeNetwork(time);
  const world = new World({ seed, app: plant.app, config, machine, network, keepExchanges: 0 });
  plant.machine = world.device.machine;
  world.start();
  world.run(HOUR_MS);
  world.device.linkDown();
  world.run(24 * HOUR_MS);
  world.device.reboot();
  world.run(24 * HOUR_MS);
  world.device.linkUp();
  world.run(HOUR_MS);
  const id = world.object?.id ?? '';
  const rules = { toleranceMs: CLOCK_TOLERANCE_MS, skewsMs: [0], starts: plant.starts };
  const { seen, again } = checkSamples(measurementsOf(world.platform, id), plant.taken.get(BOARD) ?? [], rules);
  const told = eventsOf(world.platform, id).map(
    ({ fragments }) => (fragments['fractus_DataLost'] as { count: number } | undefined)?.count ?? 0,
  );
  const lost = told.reduce((sum, count) => sum + count, 0);
  const missing = plant.samples - seen.size;
  // The last sample may be in transit.
  if (lost === 0 || Math.abs(missing - lost) > 1)
    throw new Error(`I3: ${missing} samples are missing, ${lost} told of`);
  if (again.size > 0) throw new Error(`I3: ${again.size} batches came twice`);
  if (!seen.has(plant.samples - 1)) throw new Error('I3: the newest are gone');
  world.finish();
  return { cuts: 1, faults: 1, requests: world.requests, simulatedMs: world.time.nowMs };
}
