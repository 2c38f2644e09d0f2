// SPDX-License-Identifier: Apache-2.0
/** External ids in addition to the one by which a device finds its object. */

import test from 'ava';
import type { AppBoard } from '../../../src/index.ts';
import { bindExternalId, createObject, findDevice, unbindExternalId } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, createWorld, logged, objectOf, settle } from '../scene.ts';

const identities = '/identity/globalIds/*/externalIds';
const imei = '861145013087177';

function ownerOf(world: World, type: string, id: string): string | undefined {
  return findDevice(world.platform, id, type)?.id;
}

function declare(board: AppBoard): void {
  board.alsoKnownAs('c8y_IMEI', imei);
  board.alsoKnownAs('c8y_MAC', '02:00:00:00:00:fa');
  board.alsoKnownAs('c8y_IMEI', imei);
  board.child('meter', {}).alsoKnownAs('acme_Meter', 'M-1');
}

test('additional ids are bound once, and each start only looks them up', (t) => {
  const world = createSettled(t, { app: declare });
  const { id } = objectOf(world);
  t.is(ownerOf(world, 'c8y_IMEI', imei), id);
  t.is(ownerOf(world, 'c8y_MAC', '02:00:00:00:00:fa'), id);
  t.is(ownerOf(world, 'acme_Meter', 'M-1'), findDevice(world.platform, `${world.device.deviceId}:meter`)?.id);
  t.is(calls(world, 'POST', identities).length, 5);
  const before = world.requests;
  world.device.reboot();
  settle(world);
  t.deepEqual(calls(world, 'POST', identities, before), []);
  t.is(calls(world, 'GET', '/identity/externalIds/*/*', before).length, 5);
});

test('an additional id that is declared later, or lost, is bound then', (t) => {
  let board: AppBoard | undefined;
  const world = createSettled(t, {
    app: (each) => {
      board = each;
    },
  });
  board?.alsoKnownAs('c8y_IMEI', imei);
  world.run(10_000);
  t.is(ownerOf(world, 'c8y_IMEI', imei), objectOf(world).id);
  unbindExternalId(world.platform, imei, 'c8y_IMEI');
  board?.alsoKnownAs('c8y_ICCID', '89490200000876620613');
  world.run(10_000);
  t.is(ownerOf(world, 'c8y_IMEI', imei), objectOf(world).id);
  t.is(ownerOf(world, 'c8y_ICCID', '89490200000876620613'), objectOf(world).id);
});

test('an id that belongs to another object stays there, is reported once and tried again; all else continues', (t) => {
  const world = createWorld(t, { app: declare });
  const other = createObject(world.platform, { name: 'the modem before' });
  bindExternalId(world.platform, other.id, imei, 'c8y_IMEI');
  world.start();
  settle(world);
  t.is(ownerOf(world, 'c8y_IMEI', imei), other.id);
  t.is(ownerOf(world, 'c8y_MAC', '02:00:00:00:00:fa'), objectOf(world).id);
  t.truthy(findDevice(world.platform, `${world.device.deviceId}:meter`));
  world.run(3_600_000);
  const told = `its external id c8y_IMEI ${imei} is that of managed object ${other.id}`;
  t.is(world.device.lines.filter((line) => line.startsWith('error') && line.includes(told)).length, 1);
  unbindExternalId(world.platform, imei, 'c8y_IMEI');
  world.run(900_000);
  t.is(ownerOf(world, 'c8y_IMEI', imei), objectOf(world).id);
  t.true(logged(world, 'Registered after failures: the device'));
});

for (const fault of [
  { kind: 'status', status: 403, times: 2 },
  { kind: 'status', status: 422, times: 2 },
  { kind: 'status', status: 409, times: 1 },
  { kind: 'status', status: 503, times: 3 },
  { kind: 'dropAfter', times: 1 },
] as const) {
  test(`a binding that ends with ${JSON.stringify(fault)} succeeds in the end`, (t) => {
    const world = createWorld(t, { app: declare });
    world.platform.order({ ...fault, method: 'POST', path: identities, contains: 'c8y_IMEI' });
    world.start();
    settle(world);
    world.run(1_800_000);
    if (fault.status === 409) world.device.reboot();
    world.run(60_000);
    t.is(ownerOf(world, 'c8y_IMEI', imei), objectOf(world).id);
    t.is(ownerOf(world, 'c8y_MAC', '02:00:00:00:00:fa'), objectOf(world).id);
  });
}

test('an invalid external id is refused at declaration', (t) => {
  createSettled(t, {
    app: (board) => {
      for (const [type, id] of [
        ['', 'a'],
        ['c8y_IMEI', ''],
        ['c8y IMEI', 'a'],
        ['c8y_IMEI', 'a\nb'],
        ['c8y_IMEI', 'x'.repeat(201)],
      ] as const) {
        t.throws(() => board.alsoKnownAs(type, id), { instanceOf: RangeError, message: /1 to 200 visible ASCII/ });
      }
      for (let i = 0; i < 8; i++) board.alsoKnownAs('acme_Id', `n${i}`);
      t.throws(() => board.alsoKnownAs('acme_Id', 'n8'), { message: 'the device: more than 8 external ids' });
    },
  });
});
