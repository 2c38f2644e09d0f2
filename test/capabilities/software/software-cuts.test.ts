// SPDX-License-Identifier: Apache-2.0
/** `c8y_SoftwareUpdate` with a power cut at any moment and at each write. */

import test, { type ExecutionContext } from 'ava';
import { statuses } from '../../agent/operations/operating.ts';
import { settle } from '../../agent/scene.ts';
import { createScene, install, isEnded, listed, minuteMs, modOf, order, packageOf, upload } from './software-scene.ts';

test('a power cut at any moment: each ends once, and the list is the running software', (t) => {
  const ends = new Map<string, number>();
  for (let cutMs = 0; cutMs < 3000; cutMs += 20) {
    const world = createScene(t);
    const [before, bytes] = [modOf(1), modOf(2)];
    install(world, before);
    const first = order(world, packageOf(upload(world, bytes)));
    const second = order(world, packageOf('', 'delete'));
    world.run(cutMs);
    world.device.reboot();
    world.runUntil(() => isEnded(first) && isEnded(second), 60 * minuteMs);
    settle(world);
    t.is(first.status, 'SUCCESSFUL', `${cutMs} ms: ${first.failureReason}`);
    t.is(second.status, 'SUCCESSFUL', `${cutMs} ms: ${second.failureReason}`);
    t.deepEqual(listed(world), []);
    ends.set(statuses(first).join(), 1);
  }
  t.true(ends.size >= 1);
});

/**
 * Cuts the power at the n-th write to the store, or to the module partition; returns false if there was no such write.
 */
function cutAt(t: ExecutionContext, action: string, where: string, n: number): boolean {
  const world = createScene(t);
  install(world, modOf(1), { version: '1.0' });
  const { machine } = world.device;
  let isCut = false;
  let left = n;
  const cut = () => {
    left -= 1;
    if (left !== 0) return false;
    isCut = true;
    return true;
  };
  // Half of the cuts follow the completed write.
  const faultOf = () => (cut() ? (n % 2 === 0 ? 'before' : 'after') : undefined);
  if (where === 'store') machine.flash.onWrite = faultOf;
  else machine.modules.onChange = faultOf;
  const url = action === 'install' ? upload(world, modOf(2)) : '';
  const version = action === 'install' ? '2.0' : '1.0';
  const operation = order(world, [{ name: 'cellar', version, url, action }]);
  world.runUntil(() => isCut || isEnded(operation), 60 * minuteMs);
  if (!world.device.powered) world.device.start();
  world.runUntil(() => isEnded(operation), 60 * minuteMs);
  settle(world);
  const what = `${action}, ${where} ${n}`;
  t.is(operation.status, 'SUCCESSFUL', `${what}: ${operation.failureReason}`);
  t.deepEqual(listed(world), action === 'install' ? ['cellar 2.0'] : [], what);
  t.deepEqual(
    statuses(operation).filter((status) => status !== 'EXECUTING'),
    ['PENDING', 'SUCCESSFUL'],
    what,
  );
  return isCut;
}

for (const action of ['install', 'delete']) {
  for (const where of ['store', 'place']) {
    test(`a power cut at each write to the ${where}, ${action}: in the end as asked, and listed as it is`, (t) => {
      let n = 1;
      while (cutAt(t, action, where, n)) n += 1;
      t.true(n > (where === 'store' ? 2 : 1), `${n - 1} writes`);
    });
  }
}
