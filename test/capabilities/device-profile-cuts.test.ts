// SPDX-License-Identifier: Apache-2.0
/** `c8y_DeviceProfile` when the power goes: at any moment, and at each write. */

import test, { type ExecutionContext } from 'ava';
import type { Operation } from '../../tools/platform/model.ts';
import type { World } from '../../tools/simulate/world.ts';
import { statuses } from '../agent/operations/operating.ts';
import { createScene, everything, isWhole, order, toEnd } from './device-profile-scene.ts';
import { isEnded, minuteMs } from './software-scene.ts';

/** Its end, whatever `cut` does meanwhile. */
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

test('a power cut at any moment: it goes on in the middle, and ends once with all of it', (t) => {
  for (let cutMs = 0; cutMs < 45_000; cutMs += cutMs < 6000 ? 60 : 1500) {
    live(t, `${cutMs} ms`, (world) => {
      world.run(cutMs);
      world.device.powerCut();
    });
  }
});

test('a power cut at each write to the store: it goes on in the middle, and ends once with all of it', (t) => {
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
