// SPDX-License-Identifier: Apache-2.0
/** `c8y_DeviceProfile` with a power cut at any moment and at each write. */

import test, { type ExecutionContext } from 'ava';
import type { Operation } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { statuses } from '../../agent/operations/operating.ts';
import { isEnded, minuteMs } from '../software/software-scene.ts';
import { createScene, everything, isWhole, order, toEnd } from './device-profile-scene.ts';

/** Runs the profile to its end, with the cuts of `cut`. */
function live(t: ExecutionContext, what: string, cut: (world: World, operation: Operation) => void): void {
  const world = createScene(t);
  const operation = order(world, everything(world));
  cut(world, operation);
  if (!world.device.powered) world.device.start();
  toEnd(world, operation);
  t.is(operation.status, 'SUCCESSFUL', `${what}: ${operation.failureReason}`);
  isWhole(t, world, what);
  t.deepEqual(
    statuses(operation).filter((status) => status !== 'EXECUTING'),
    ['PENDING', 'SUCCESSFUL'],
    what,
  );
}

test('a power cut at any moment: the profile continues and ends once with all parts', (t) => {
  for (let cutMs = 0; cutMs < 45_000; cutMs += cutMs < 6000 ? 60 : 1500) {
    live(t, `${cutMs} ms`, (world) => {
      world.run(cutMs);
      world.device.powerCut();
    });
  }
});

test('a power cut at each write to the store: the profile continues and ends once with all parts', (t) => {
  let isCut = true;
  let n = 0;
  for (; isCut; n++) {
    isCut = false;
    live(t, `write ${n + 1}`, (world, operation) => {
      let left = n + 1;
      world.device.machine.flash.onWrite = () => {
        left -= 1;
        if (left !== 0) return undefined;
        isCut = true;
        return n % 2 === 0 ? 'before' : 'after';
      };
      world.runUntil(() => isCut || isEnded(operation), 60 * minuteMs);
      world.device.machine.flash.onWrite = undefined;
    });
  }
  t.true(n > 10, `${n} writes`);
});
