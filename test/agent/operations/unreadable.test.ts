// SPDX-License-Identifier: Apache-2.0
/** Operations that no device could end, for they cannot be named to the platform; and ids that only look like others. */

import type { JsonObject } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createSettled, objectOf } from '../scene.ts';
import { onChannel, order, reply, runToEnd, testOnBoth, updates, Workshop } from './operating.ts';

const work = (world: World, id: unknown, more: JsonObject = {}) =>
  ({ id, deviceId: objectOf(world).id, status: 'PENDING', x_Work: {}, ...more }) as JsonObject;
const told = (world: World) => world.device.lines.filter((line) => line.includes('is passed over'));

/** Comes with the next answer to the poll. */
function push(world: World, ...operations: JsonObject[]): void {
  const data = operations.map((operation) => ({ channel: `/${objectOf(world).id}`, data: operation }));
  const body = JSON.stringify([...data, reply('connect')]);
  world.platform.order({ kind: 'status', status: 200, body, method: 'POST', ...onChannel('connect') });
  // Ends the poll that hangs.
  order(world, { x_Work: {} });
  world.run(20_000);
}

testOnBoth('an operation whose id cannot be used is passed over, said once, and the others go on', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  t.deepEqual(told(world), []);
  const ids = ['', 'a b', '../1', 'x'.repeat(65), 1.5, -1, true, null, {}, 'ü'];
  push(world, ...ids.map((id) => work(world, id)));
  t.is(told(world).length, 1);
  t.regex(told(world)[0] ?? '', /^warn: an operation is passed over: its id \(1 to 64 of A-Z a-z 0-9 _ -\)/);
  push(world, ...ids.map((id) => work(world, id)));
  t.is(told(world).length, 1);
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
  t.deepEqual(
    updates(world).filter(({ status }) => status !== 200),
    [],
  );
});

testOnBoth('a pushed operation without a status is passed over, and said so', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const { status: _, ...operation } = work(world, '777');
  push(world, operation);
  t.is(told(world).length, 1);
  t.regex(told(world)[0] ?? '', /status/);
  t.false(workshop.begun.includes('777'));
});

testOnBoth('one that is not PENDING is nothing to tell of', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  push(world, work(world, '777', { status: 'SUCCESSFUL' }), work(world, '778', { status: 'EXECUTING' }));
  t.deepEqual(told(world), []);
});

testOnBoth('ids are texts: leading zeros make another operation', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  push(world, work(world, '00777'), work(world, '777'), work(world, '0777'));
  for (const id of ['00777', '777', '0777']) t.true(updates(world, id).length > 0, id);
});
