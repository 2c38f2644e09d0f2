// SPDX-License-Identifier: Apache-2.0
/** Flash that refuses a firmware, loses a part of it, or has no power any more while it takes it. */

import test from 'ava';
import type { FlashFault } from '../../../hal/fake/flash.ts';
import { createScene, fileOf, imageOf, order, runToEnd } from './firmware-scene.ts';

const IMAGE = imageOf('2.0.0');

/** Number of changes of the flash in an update: the erase, the pieces, the slot to start, the confirmation. */
function changesOfUpdate(t: Parameters<typeof createScene>[0]): number {
  const world = createScene(t);
  let changes = 0;
  world.device.machine.firmware.onChange = () => void changes++;
  runToEnd(world, order(world, fileOf('2.0.0', IMAGE)));
  return changes;
}

for (const [what, isHit, fault, reason] of [
  ['the erase', (n) => n === 1, 'refused', 'download: the flash refuses an installation'],
  ['the first piece', (n) => n === 2, 'refused', 'download: the flash refuses the image'],
  ['a later piece', (n) => n === 5, 'refused', 'download: the flash refuses the image'],
  ['the last piece', (n, all) => n === all - 2, 'refused', 'download: the flash refuses the image'],
  ['the choice of the slot', (n, all) => n === all - 1, 'refused', 'the board refuses the image'],
  ['a piece, and nobody notices at once', (n) => n === 5, 'ignored', 'the board refuses the image'],
] as [string, (n: number, all: number) => boolean, FlashFault, string][]) {
  test(`what the flash does not take: ${what}`, (t) => {
    const all = changesOfUpdate(t);
    const world = createScene(t);
    const { machine } = world.device;
    let changes = 0;
    machine.firmware.onChange = () => (isHit(++changes, all) ? fault : undefined);
    const operation = order(world, fileOf('2.0.0', IMAGE));
    runToEnd(world, operation);
    t.is(operation.status, 'FAILED');
    t.is(operation.failureReason, reason);
    t.deepEqual(machine.restarts, []);
    t.is(machine.slots.other, 'nothing');
    machine.firmware.onChange = undefined;
    const again = order(world, fileOf('2.0.0', IMAGE));
    runToEnd(world, again);
    t.is(again.status, 'SUCCESSFUL', again.failureReason);
  });
}

test('power that goes at any change of the flash leaves a board that starts, and the update goes on', (t) => {
  const all = changesOfUpdate(t);
  t.true(all > 10, `${all} changes`);
  for (const fault of ['before', 'half', 'after'] as const)
    for (let n = 1; n <= all; n++) {
      const world = createScene(t);
      const { machine } = world.device;
      let changes = 0;
      machine.firmware.onChange = () => {
        if (++changes !== n) return undefined;
        world.time.schedule(1000, () => world.device.start());
        return fault;
      };
      const operation = order(world, fileOf('2.0.0', IMAGE));
      runToEnd(world, operation);
      t.is(operation.status, 'SUCCESSFUL', `${fault} ${n}: ${operation.failureReason}`);
      t.is(machine.firmware.running.version, '2.0.0');
      t.deepEqual(Buffer.from(machine.firmware.image), IMAGE);
    }
});
