// SPDX-License-Identifier: Apache-2.0

import { XsWorld } from '../../tools/bench/xs-world.ts';
import { buildAll } from '../../tools/build.ts';
import { XsAbortError } from '../../tools/xs/machine.ts';
import { testWithXs, type XsHost } from '../support/xs/on-xs.ts';

const { bundle, host } = await buildAll();
const title = 'M1 on XS: the heap shrinks until the engine gives up; the board starts again and nothing is lost';

/** Slots of the heap, from what an ESP32 has down to what no agent can begin with. */
const SLOTS = [4928, ...Array.from({ length: 26 }, (_, i) => 800 - 12 * i)];

/** Lives in so small a heap; true when the engine gave up on the way. */
async function live(world: XsWorld): Promise<boolean> {
  try {
    await world.start();
    await world.carryOut({ c8y_Command: { text: 'status' } });
    await world.carryOut({ c8y_SendConfiguration: {} });
    await world.breakConnections('reset');
    return false;
  } catch (error) {
    const { cause } = error as Error;
    if (error instanceof XsAbortError || cause instanceof XsAbortError) return true;
    throw error;
  }
}

/** Returns whether the engine gave up, and the samples that are missing. */
async function squeeze(xs: XsHost, slots: number): Promise<{ gaveUp: boolean; missing: number[]; objects: number }> {
  let samples = 0;
  let last = 0;
  const sensor = { sample: () => ({ temperature: ++samples }) };
  const world = new XsWorld({ host: xs, bundle: bundle.path, limits: { slots }, nor: {}, sensor });
  try {
    const gaveUp = await live(world);
    last = samples;
    if (gaveUp) {
      await world.bootAgain(undefined);
      await world.settle();
    }
    await world.rest();
    world.check();
    const { measurements, objects } = world.platform.core;
    const seen = new Set(
      [...measurements.values()].map(
        ({ fragments }) => (fragments['c8y_TemperatureMeasurement'] as { T: { value: number } }).T.value,
      ),
    );
    const missing = Array.from({ length: samples }, (_, at) => at + 1).filter((each) => !seen.has(each));
    // The one that was being taken when the engine gave up.
    return { gaveUp, missing: missing.filter((each) => each !== last), objects: objects.size };
  } finally {
    await world.machine.kill();
  }
}

testWithXs(host, title, async (t, xs) => {
  t.timeout(300_000, 'lives in 27 heaps');
  const gaveUp: number[] = [];
  for (const slots of SLOTS) {
    const result = await squeeze(xs, slots);
    if (result.gaveUp) gaveUp.push(slots);
    t.deepEqual(result.missing, [], `${slots} slots`);
    t.is(result.objects, 1, `${slots} slots`);
  }
  t.log(`the engine gave up with ${gaveUp.join(', ')} slots`);
  t.true(gaveUp.length > 3 && !gaveUp.includes(4928));
});
