// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { updateObject } from '../../../tools/platform/operator.ts';
import { calls, createSettled, createWorld, objectOf, owned, settle } from '../scene.ts';
import { identities, lookUps, objects } from './registering.ts';

test('a new device is looked up, created and registered, in this order', (t) => {
  const world = createSettled(t);
  const { deviceId } = world.device;
  const device = objectOf(world);
  const steps = world.exchanges
    .filter(({ path }) => path.startsWith('/identity') || path.startsWith(objects))
    .map(({ method, path, status }) => `${method} ${path} ${status}`);
  t.deepEqual(steps, [
    `GET /identity/externalIds/c8y_Serial/${deviceId} 404`,
    `POST ${objects} 201`,
    `POST /identity/globalIds/${device.id}/externalIds 201`,
  ]);
  t.like(device.fragments, {
    name: `ESP32 ${deviceId}`,
    type: 'c8y_ESP32',
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_RequiredAvailability: { responseInterval: 10 },
  });
});

test('every start looks up the external id and updates the object, without fragments that it has taken already', (t) => {
  const world = createSettled(t);
  const { id } = objectOf(world);
  for (let start = 0; start < 3; start++) {
    const before = world.requests;
    world.device.reboot();
    settle(world);
    t.is(calls(world, 'GET', lookUps, before).length, 1);
    t.deepEqual(
      calls(world, 'PUT', `${objects}/${id}`, before).map(({ body }) => body),
      ['{}'],
    );
    t.deepEqual(calls(world, 'POST', objects, before), []);
    t.deepEqual(calls(world, 'POST', identities, before), []);
  }
});

test('changes by people stay: name, type, availability, their fragments', (t) => {
  const world = createSettled(t);
  const { id } = objectOf(world);
  const fragments = {
    name: 'Pump 7',
    type: 'pump',
    c8y_RequiredAvailability: { responseInterval: 90 },
    c8y_Notes: 'second floor',
  };
  updateObject(world.platform, id, { fragments });
  world.device.reboot();
  settle(world);
  t.like(objectOf(world).fragments, fragments);
});

test('new declarations of a firmware reach the inventory at the next start', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      if (board.hal.board.bootCount === 1) return;
      board.operation({ name: 'c8y_Relay', run: (operation) => operation.succeed() });
      board.fragment('c8y_Network', { c8y_LAN: { ip: '192.0.2.10' } });
    },
  });
  world.start();
  settle(world);
  t.false((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Relay'));
  world.device.reboot();
  settle(world);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Relay'));
  t.deepEqual(objectOf(world).fragments['c8y_Network'], { c8y_LAN: { ip: '192.0.2.10' } });
});

test('an external id may contain any characters', (t) => {
  const world = createSettled(t, { config: { deviceId: 'Ä?&#%;ü+17"', externalIdType: 'type=1&x' } });
  t.is(owned(world).length, 1);
  world.device.reboot();
  settle(world);
  t.is(owned(world).length, 1);
});

test('an object that an earlier start has created is updated before anything else', (t) => {
  let model = 'first';
  const world = createWorld(t, {
    app: (board) => {
      board.fragment('x_Model', model);
      board.child('valve', { hardware: { model } });
    },
  });
  for (const contains of ['"c8y_ESP32"', 'valve']) {
    world.platform.order({ kind: 'dropAfter', method: 'POST', path: objects, contains });
    world.onApplied = (number) => {
      const last = world.exchanges.at(-1);
      if (last?.number !== number || last.method !== 'POST' || last.path !== objects) return;
      world.onApplied = undefined;
      world.device.powerCut();
    };
    world.start();
    world.runUntil(() => !world.device.powered, 60_000);
    model = `after ${contains}`;
  }
  world.start();
  settle(world);
  t.is(owned(world).length, 2);
  t.is(calls(world, 'POST', objects).length, 2);
  const [board, valve] = owned(world);
  t.is(board?.fragments['x_Model'], model);
  t.like(valve?.fragments, { c8y_Hardware: { model } });
  const steps = world.exchanges.map(({ method, path }) => `${method} ${path}`);
  const updated = steps.indexOf(`PUT ${objects}/${valve?.id}`);
  t.true(updated > 0 && updated < steps.indexOf(`POST ${objects}/${board?.id}/childDevices`));
});

test('devices find their objects by ids that are too long, or have too many escapes, to be read from a large object', (t) => {
  for (const deviceId of ['x'.repeat(200), 'ß"\u{1F525}'.repeat(9)]) {
    const child = `${'c'.repeat(60)}1`;
    const world = createWorld(t, {
      config: { deviceId },
      app: (board) => {
        for (let n = 0; n < 3; n++) board.fragment(`x_F${n}`, 'x'.repeat(3900));
        board.child(`${'c'.repeat(60)}2`, {});
        board.child(child, {}).fragment('x_F', 'x'.repeat(3900));
      },
    });
    world.platform.order({ kind: 'dropAfter', method: 'POST', path: objects, times: 3 });
    world.start();
    settle(world, 600_000);
    t.is(owned(world).length, 3);
  }
});
