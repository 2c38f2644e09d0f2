// SPDX-License-Identifier: Apache-2.0
/** Somebody else than the platform says that all is well: a portal, a default backend, a gateway with a stub. */

import test from 'ava';
import type { Misbehaviour } from '../../../tools/platform/faults.ts';
import { alarmsOf, eventsOf } from '../../../tools/platform/operator.ts';
import { childOf } from '../operations/operating.ts';
import { Author, counted, quiet, range } from '../records/reporting.ts';
import { createSettled, createWorld, objectOf, owned, settle } from '../scene.ts';

const plain = 'application/json';
const yes: readonly Misbehaviour[] = [
  { kind: 'status', status: 200, body: '' },
  { kind: 'status', status: 200, body: '{}', mediaType: plain },
  { kind: 'status', status: 200, body: '{"status":"ok"}', mediaType: plain },
  { kind: 'status', status: 204, body: '' },
];

for (const answer of yes) {
  const what = JSON.stringify(answer);

  test(`what somebody else says is created is not: ${what}`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    for (const path of ['/measurement/measurements', '/event/events', '/alarm/alarms']) {
      world.platform.order({ ...answer, method: 'POST', path, times: 3 });
    }
    author.count(1, 5);
    author.device.event('x_Event', 'text');
    author.device.alarm('x_Alarm', 'MAJOR', 'text');
    world.run(120_000);
    t.deepEqual(counted(world), range(1, 5));
    const { id } = objectOf(world);
    t.is(eventsOf(world.platform, id).length, 1);
    t.is(alarmsOf(world.platform, id).length, 1);
  });

  test(`nobody is registered by somebody else: ${what}`, (t) => {
    const world = createWorld(t, { app: (board) => void board.child('meter', {}) });
    for (const path of ['/inventory/managedObjects', '/identity/globalIds/*/externalIds']) {
      world.platform.order({ ...answer, method: 'POST', path, times: 2 });
    }
    world.start();
    settle(world);
    world.run(300_000);
    t.is(owned(world).length, 2);
    t.deepEqual([...objectOf(world).children.childDevices], [childOf(world, 'meter').id]);
  });
}
