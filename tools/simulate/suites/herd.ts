// SPDX-License-Identifier: Apache-2.0
/** H1: a thousand devices (some hundred with a stride), and a platform that is down for ten minutes. */

import { FakeNetwork } from '../../../hal/fake/network.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { findDevice, measurementsOf } from '../../platform/operator.ts';
import type { Bench } from '../bench.ts';
import { checkSamples } from '../invariants/samples.ts';
import { CLOCK_TOLERANCE_MS } from '../invariants/times.ts';
import type { SimulatedDevice } from '../machine/device.ts';
import { BOARD, Plant } from '../machine/plant.ts';
import { World } from '../machine/world.ts';

const MINUTE_MS = 60_000;
const DEVICES = 1000;
/** With fewer than a quarter of the devices, randomness alone would cause peaks. */
const MOST_STRIDE = 4;
const OUTAGE_MS = 10 * MINUTE_MS;
/** Time until all devices are back: the longest pause. */
const BACK_MS = 5 * MINUTE_MS;
/** Time over which most devices spread their return. */
const WINDOW_MS = MINUTE_MS;
const BIN_MS = 5000;
/** Highest peak, relative to an even spread. */
const MOST_PEAK = 2;
const BINS = WINDOW_MS / BIN_MS;

export function h1(bench: Bench, seed: number): void {
  if (!bench.goesOn) return;
  const stride = Math.min(bench.stride, MOST_STRIDE);
  bench.check(`--suite H1 --seed ${seed} --stride ${stride}`, () => live(seed, DEVICES / stride));
}

function live(seed: number, devices: number) {
  const config = { measurementInterval: '300', pollTimeout: '300' };
  const network = new FakeNetwork(new VirtualTime());
  const plants = Array.from({ length: devices }, () => new Plant({ time: network.time }));
  const world = new World({ seed, config, network, app: plants[0]?.app, keepExchanges: 0 });
  for (let i = 1; i < devices; i++) {
    const mac = (0x0201_0000_0000 + i).toString(16).padStart(12, '0');
    world.add({ config, app: plants[i]?.app, machine: { board: { mac, serialNumber: `fake-${mac}` } } });
  }
  for (const [i, { machine }] of world.devices.entries()) (plants[i] as Plant).machine = machine;
  // The devices start one after the other within some minutes.
  world.devices.forEach((device, i) => {
    world.time.schedule((i * 5 * MINUTE_MS) / devices, () => device.start());
  });
  world.run(15 * MINUTE_MS);
  if (listening(world) < devices) throw new Error(`H1: ${listening(world)} of ${devices} listen`);
  outage(world);
  const bins = returning(world);
  const first = bins.slice(0, BINS);
  const even = first.reduce((sum, count) => sum + count, 0) / BINS;
  const peak = Math.max(...bins);
  if (peak > MOST_PEAK * even)
    throw new Error(`H1: peak of ${peak} requests in ${BIN_MS} ms, ${even.toFixed(1)} if even`);
  world.run(BACK_MS - 2 * WINDOW_MS);
  if (listening(world) < devices) throw new Error(`H1: ${listening(world)} of ${devices} are back after five minutes`);
  world.run(10 * MINUTE_MS);
  for (const [i, device] of world.devices.entries()) checkDevice(world, device, plants[i] as Plant);
  world.finish();
  return { cuts: 0, faults: devices, requests: world.requests, simulatedMs: world.time.nowMs * devices };
}

function outage(world: World): void {
  world.network.decide = () => 'refused';
  world.cutConnections('reset');
  world.run(OUTAGE_MS);
  world.network.decide = () => 'accept';
  for (const device of world.devices) world.platform.forgive(device.user);
}

/** Requests in each bin of two windows. */
function returning(world: World): number[] {
  const bins: number[] = [];
  for (let bin = 0; bin < 2 * BINS; bin++) {
    const before = world.requests;
    world.run(BIN_MS);
    bins.push(world.requests - before);
  }
  return bins;
}

/** Number of devices with a session; between two polls, the platform holds nothing. */
function listening(world: World): number {
  return new Set([...world.platform.core.sessions.values()].map(({ user }) => user.name)).size;
}

/** No sample of the outage is lost. */
function checkDevice({ platform, time }: World, { deviceId }: SimulatedDevice, plant: Plant): void {
  const rules = { toleranceMs: CLOCK_TOLERANCE_MS, skewsMs: [0], starts: plant.starts };
  const records = measurementsOf(platform, findDevice(platform, deviceId)?.id ?? '');
  const { seen, again } = checkSamples(records, plant.taken.get(BOARD) ?? [], rules, deviceId);
  // Each connection was broken once, and one sample may be in transit.
  if (again.size > 1) throw new Error(`I3: ${again.size} batches of ${deviceId} came twice`);
  if (seen.size < plant.samples - 1) throw new Error(`I3: ${seen.size} samples of ${plant.samples} from ${deviceId}`);
  const least = Math.floor(time.nowMs / MINUTE_MS / 5) - 2;
  if (plant.samples < least) throw new Error(`I3: ${plant.samples} samples of ${least} from ${deviceId}`);
}
