// SPDX-License-Identifier: Apache-2.0
/** What an app declares for the inventory: hardware, software, modem, external id. */

import test from 'ava';
import type { AppBoard, AppChild } from '../../../src/index.ts';
import { VERSION } from '../../../src/version.ts';
import { findDevice } from '../../../tools/platform/operator.ts';
import { bodyOf, calls, createSettled, createWorld, logged, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const firmware = { name: 'acme-meter', version: '2.1', buildTimeMs: Date.UTC(2026, 0, 1) };

/** The software of an object, in both forms. */
function softwareOf(fragments: Readonly<Record<string, unknown>>) {
  return { list: fragments['c8y_SoftwareList'], byName: fragments['c8y_Software'] };
}

test("the software list has the firmware, the agent and the app's own entries", (t) => {
  const world = createSettled(t, {
    machine: { board: { firmware } },
    app: (board) => {
      board.software('pi-driver', 'pi-driver-3.4.4.jar');
      board.software('gone', '1');
      board.software('pi-driver', 'pi-driver-3.4.5.jar', 'https://example.com/pi-driver.jar');
      board.software('gone', undefined);
      board.software('never-there', undefined);
    },
  });
  const created = bodyOf(calls(world, 'POST', objects)[0]);
  t.deepEqual(softwareOf(created), {
    list: [
      { name: 'pi-driver', version: 'pi-driver-3.4.5.jar', url: 'https://example.com/pi-driver.jar' },
      { name: 'acme-meter', version: '2.1', url: '' },
      { name: 'fractus', version: VERSION, url: '' },
    ],
    byName: { 'pi-driver': 'pi-driver-3.4.5.jar', 'acme-meter': '2.1', fractus: VERSION },
  });
  t.deepEqual(softwareOf(objectOf(world).fragments), softwareOf(created));
});

test('each software name occurs once: a firmware named like the agent, and an app that overrides the version', (t) => {
  const world = createSettled(t, {
    machine: { board: { firmware: { ...firmware, name: 'fractus' } } },
  });
  t.deepEqual(softwareOf(objectOf(world).fragments).list, [{ name: 'fractus', version: '2.1', url: '' }]);
  const other = createSettled(t, {
    machine: { board: { firmware } },
    app: (board) => board.software('acme-meter', '2.1-customer7'),
  });
  t.deepEqual(softwareOf(objectOf(other).fragments).byName, { 'acme-meter': '2.1-customer7', fractus: VERSION });
});

test('software that changes at run time is sent then and at the next start', (t) => {
  let board: AppBoard | undefined;
  const world = createSettled(t, {
    app: (device) => {
      board = device;
      device.software('pi-driver', '3.4.5');
    },
  });
  const before = world.requests;
  board?.software('pi-driver', '3.4.6');
  world.run(5000);
  const updates = calls(world, 'PUT', `${objects}/${objectOf(world).id}`, before);
  t.is(updates.length, 1);
  t.like(bodyOf(updates[0])['c8y_Software'], { 'pi-driver': '3.4.6' });
  t.like(softwareOf(objectOf(world).fragments).byName, { 'pi-driver': '3.4.6' });
});

test('a child has software if the app declares some', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      board.child('plain', {});
      board.child('meter', {}).software('dlms', '1.4');
    },
  });
  const fragmentsOf = (id: string) => findDevice(world.platform, `${world.device.deviceId}:${id}`)?.fragments ?? {};
  t.deepEqual(softwareOf(fragmentsOf('plain')), { list: undefined, byName: undefined });
  t.deepEqual(softwareOf(fragmentsOf('meter')), {
    list: [{ name: 'dlms', version: '1.4', url: '' }],
    byName: { dlms: '1.4' },
  });
});

test('too much software, or software without a name, is an error at the start and left out later', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      t.throws(() => board.software('', '1'), { instanceOf: RangeError });
      t.throws(() => board.software('a.b', '1'), { message: /software: the name "a\.b" is not allowed/ });
      t.throws(() => board.software('long', 'x'.repeat(5000)), { message: /c8y_SoftwareList: larger than 4096 bytes/ });
      for (let i = 0; i < 3; i++) board.fragment(`acme_Large${i}`, 'x'.repeat(3900));
      t.throws(() => board.software('much', 'x'.repeat(400)), { message: /c8y_SoftwareList: with it the device has/ });
      t.throws(() => board.fragment('c8y_SoftwareList', []), { message: /has a meaning of its own here/ });
      t.throws(() => board.fragment('c8y_Software', {}), { message: /has a meaning of its own here/ });
      late = board;
    },
  });
  let late: AppBoard | undefined;
  world.start();
  settle(world);
  late?.software('much', 'x'.repeat(400));
  world.run(5000);
  t.true(logged(world, /c8y_SoftwareList: with it the device has more than 12288 bytes of fragments: it is left out/));
  t.deepEqual(Object.keys(softwareOf(objectOf(world).fragments).byName as object), ['fractus']);
});

test('the hardware comes from the app, else from the HAL', (t) => {
  const hardware = { model: 'RaspPi BCM2708', revision: '000e', serialNumber: '0000000017b769d5' };
  let child: AppChild | undefined;
  const world = createSettled(t, {
    app: (board) => {
      board.fragment('c8y_Hardware', hardware);
      child = board.child('c', {});
      child.fragment('c8y_Hardware', { serialNumber: 'c-1' });
    },
  });
  t.deepEqual(bodyOf(calls(world, 'POST', objects)[0])['c8y_Hardware'], hardware);
  t.deepEqual(findDevice(world.platform, `${world.device.deviceId}:c`)?.fragments['c8y_Hardware'], {
    serialNumber: 'c-1',
  });
  world.device.reboot();
  settle(world);
  t.deepEqual(objectOf(world).fragments['c8y_Hardware'], hardware);
  const other = createSettled(t);
  t.like(objectOf(other).fragments['c8y_Hardware'], { serialNumber: 'fake-0200000000fa' });
});

test("a modem's parts are declared by name", (t) => {
  const modem = { imei: '861145013087177', cellId: '4904-A496', iccid: '89490200000876620613' };
  const world = createSettled(t, {
    app: (board) => {
      board.fragment('c8y_Mobile', modem);
      // @ts-expect-error a misspelt name is found where it is written
      board.fragment('c8y_Mobile', { ...modem, icicd: '8949' });
      board.fragment('c8y_Mobile', modem);
    },
  });
  t.deepEqual(objectOf(world).fragments['c8y_Mobile'], modem);
});

test('the external id may differ from the id that requests credentials', (t) => {
  const world = createSettled(t, {
    config: { deviceId: '0000000017b769d5', externalId: 'raspi-0000000017b769d5' },
    app: (board) => void board.child('relay', {}),
  });
  t.is(world.device.user, 'device_0000000017b769d5');
  for (const each of calls(world, 'POST', '/devicecontrol/deviceCredentials')) {
    t.is(bodyOf(each)['id'], '0000000017b769d5');
  }
  t.deepEqual(bodyOf(calls(world, 'POST', '/identity/globalIds/*/externalIds')[0]), {
    type: 'c8y_Serial',
    externalId: 'raspi-0000000017b769d5',
  });
  t.truthy(findDevice(world.platform, 'raspi-0000000017b769d5'));
  t.truthy(findDevice(world.platform, 'raspi-0000000017b769d5:relay'));
  t.is(findDevice(world.platform, '0000000017b769d5'), undefined);
  const before = world.requests;
  world.device.reboot();
  settle(world);
  t.is(calls(world, 'GET', '/identity/externalIds/c8y_Serial/raspi-0000000017b769d5', before)[0]?.status, 200);
  t.deepEqual(calls(world, 'POST', objects, before), []);
});
