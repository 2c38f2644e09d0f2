// SPDX-License-Identifier: Apache-2.0

import type { App } from '../../../src/index.ts';
import { level } from '../devices/family.ts';
import { createSettled, listening } from '../scene.ts';
import { bayeux, isEnded, listings, order, runToEnd, testOnBoth, Workshop } from './operating.ts';

testOnBoth('a listing that never answers delays pushed operations by seconds only', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config }, ['pending-missing', 'connect-gap']);
  world.onRequest = ({ path }) => !path.includes('status=PENDING');
  // A lost poll makes the listing necessary.
  world.cutConnections('reset');
  world.run(1_200_000);
  for (let at = 0; at < 40; at++) {
    const operation = order(world, { x_Work: { n: at } });
    const since = world.time.nowMs;
    world.runUntil(() => isEnded(operation), 60_000);
    // On one connection the poll takes five seconds in between.
    t.true(world.time.nowMs - since < 25_000, `${world.time.nowMs - since} ms`);
    world.run(17_000);
  }
  t.true(world.requests < 600);
});

for (const isMended of [true, false]) {
  testOnBoth(
    `the list of what is pending fails for long, and something is pushed: ${isMended ? 'what is older goes first' : 'it does not wait for it'}`,
    (t, config) => {
      const workshop = new Workshop();
      const world = createSettled(t, { app: workshop.app, config }, isMended ? [] : ['operation-order']);
      const id = world.platform.order({
        kind: 'status',
        status: 502,
        html: true,
        method: 'GET',
        path: '/devicecontrol/operations',
        times: 1000,
      });
      const before = world.requests;
      world.cutConnections('reset');
      world.platform.expireSessions();
      const older = order(world, { x_Work: {} });
      world.runUntil(() => listings(world, 'PENDING', before).length >= 6 && listening(world), 300_000);
      if (isMended) world.platform.cancel(id);
      const pushed = order(world, { x_Work: {} });
      runToEnd(world, [pushed], 60_000);
      t.deepEqual(workshop.begun, isMended ? [older.id, pushed.id] : [pushed.id]);
    },
  );
}

for (const retryAfterSeconds of [undefined, 3600]) {
  const when = retryAfterSeconds === undefined ? 'is asked for at once' : 'waits as long as the platform has said';
  testOnBoth(`a new subscription is made while the list has a long pause: the list ${when}`, (t, config) => {
    const world = createSettled(t, { config }, ['pending-missing']);
    const path = '/devicecontrol/operations';
    const retryAfter = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    const id = world.platform.order({ kind: 'status', status: 429, method: 'GET', path, times: 1000, ...retryAfter });
    const before = world.requests;
    world.platform.expireSessions();
    world.run(1_800_000);
    t.true(listings(world, 'PENDING', before).length > 0);
    world.platform.cancel(id);
    const healed = world.requests;
    world.platform.expireSessions();
    world.runUntil(() => bayeux(world, 'subscribe', healed).length > 0, 300_000);
    const [subscription] = bayeux(world, 'subscribe', healed);
    world.run(10_000);
    const after = listings(world, 'PENDING', healed).filter(({ atMs }) => atMs >= (subscription?.atMs ?? Infinity));
    t.is(after.length, retryAfterSeconds === undefined ? 1 : 0);
  });
}

// The second one once took the end of a pause for the end of the list that had begun meanwhile.
for (const minutes of [6, 17.5]) {
  const title = `a portal answers for ${minutes} minutes after a start: the lists come with the subscription`;
  testOnBoth(title, (t, config) => {
    // Each work that fails for the same reason has the others hurry when it works again.
    const app: App = (board) => {
      board.sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) }, intervalS: 20 });
      board.alarm('x_Trouble', 'MAJOR', 'it is there');
    };
    const world = createSettled(t, { config, app });
    const paths = [
      '/devicecontrol/operations',
      '/notification/operations',
      '/measurement/measurements',
      '/alarm/alarms',
    ];
    const portal = { kind: 'status', status: 200, html: true, times: 10_000 } as const;
    const ids = paths.map((path) => world.platform.order({ ...portal, path }));
    world.device.reboot();
    world.run(minutes * 60_000);
    for (const id of ids) world.platform.cancel(id);
    const healed = world.requests;
    world.runUntil(() => bayeux(world, 'subscribe', healed).length > 0, 600_000);
    world.runUntil(() => listings(world, 'PENDING', healed).length > 0, 10_000);
    t.pass();
  });
}
