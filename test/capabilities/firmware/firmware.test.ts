// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import test from 'ava';
import { firmware } from '../../../src/capabilities/firmware/firmware.ts';
import { cancelOperation } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createWorld, logged, objectOf, settle } from '../../agent/scene.ts';
import { CAPACITY_BYTES, createScene, fileOf, imageOf, order, runToEnd, statuses } from './firmware-scene.ts';

test('a new firmware is fetched, starts on trial, is kept when it listens, and the inventory says so', (t) => {
  const world = createScene(t);
  const image = imageOf('2.0.0');
  const operation = order(world, fileOf('2.0.0', image));
  runToEnd(world, operation);
  t.is(operation.failureReason, undefined);
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  const { machine } = world.device;
  t.deepEqual(Buffer.from(machine.firmware.image), image);
  t.is(machine.hal?.board.firmware.version, '2.0.0');
  t.false(machine.hal?.firmware?.onTrial);
  t.is(machine.restarts.length, 1);
  t.like(objectOf(world).fragments['c8y_Firmware'], { name: 'fractus', version: '2.0.0' });
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Firmware'));
});

test('where it came from stays in the inventory over restarts, until something else runs', (t) => {
  const world = createScene(t);
  const operation = order(world, fileOf('2.0.0'));
  runToEnd(world, operation);
  const shown = () => objectOf(world).fragments['c8y_Firmware'] as { version: string; url: string };
  const { url } = shown();
  t.regex(url, /^https:.*binaries/);
  world.device.reboot();
  settle(world);
  t.deepEqual(shown(), { name: 'fractus', version: '2.0.0', url });
  // One that is given up tells that it has been there, and the one before tells that it is back.
  const next = order(world, fileOf('3.0.0'), { version: '3.0.0' });
  world.runUntil(() => shown().version === '3.0.0', 3_600_000);
  t.is(shown().url, '');
  world.device.reboot();
  world.device.reboot();
  runToEnd(world, next);
  t.is(world.device.machine.hal?.board.firmware.version, shown().version);
});

test('what runs already is not fetched', (t) => {
  const world = createScene(t);
  const operation = order(world, 'https://nowhere.example/a', { version: '0.0.0' });
  runToEnd(world, operation);
  t.is(operation.status, 'SUCCESSFUL');
  t.deepEqual(world.device.machine.restarts, []);
});

const eventsOf = (world: World) =>
  [...world.platform.core.events.values()].flatMap(({ fragments: { type, text } }) =>
    type === 'fractus_FirmwareReturn' ? [text] : [],
  );

for (const [how, cause] of [
  ['deaf', 'software'],
  ['panic', 'panic'],
  ['watchdog', 'watchdog'],
] as const) {
  test(`a firmware on trial, ${how}: the one before is back, and the operation and one event say why`, (t) => {
    const world = createScene(t);
    const { machine } = world.device;
    const operation = order(world, fileOf('2.0.0'));
    world.runUntil(() => machine.hal?.firmware?.onTrial === true, 3_600_000);
    if (how !== 'deaf') machine.restart('crash', how);
    else world.network.decide = () => 'refused';
    world.runUntil(() => machine.slots.rolledBack, 7_200_000);
    world.network.decide = () => 'accept';
    runToEnd(world, operation);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.is(operation.failureReason, `2.0.0 did not listen for operations (${cause}): 0.0.0 is back`);
    t.is(machine.hal?.board.firmware.version, '0.0.0');
    t.like(objectOf(world).fragments['c8y_Firmware'], { version: '0.0.0' });
    world.run(60_000);
    t.deepEqual(eventsOf(world), [`2.0.0 is given up (${cause}): 0.0.0 is back`]);
    world.device.reboot();
    settle(world);
    world.run(60_000);
    t.deepEqual(eventsOf(world), [`2.0.0 is given up (${cause}): 0.0.0 is back`], 'once');
  });
}

test('a firmware that is given up when nobody waits for it any more is told of with an event', (t) => {
  const world = createScene(t);
  const { machine } = world.device;
  const operation = order(world, fileOf('2.0.0'));
  world.runUntil(() => machine.hal?.firmware?.onTrial === true, 3_600_000);
  cancelOperation(world.platform, operation.id);
  machine.restart('crash', 'panic');
  settle(world);
  world.run(60_000);
  t.deepEqual(eventsOf(world), ['2.0.0 is given up (panic): 0.0.0 is back']);
});

test('a firmware that is kept is no reason for an event', (t) => {
  const world = createScene(t);
  for (const version of ['2.0.0', '3.0.0']) runToEnd(world, order(world, fileOf(version), { version }));
  world.device.reboot();
  settle(world);
  world.run(60_000);
  t.is(world.device.machine.hal?.board.firmware.version, '3.0.0');
  t.deepEqual(eventsOf(world), []);
});

test('a bootloader that cannot bring a firmware back: nothing is fetched, and the operation says so', (t) => {
  const world = createScene(t);
  world.device.machine.firmware.cannotReturn = true;
  world.device.reboot();
  settle(world);
  const operation = order(world, fileOf('2.0.0'));
  runToEnd(world, operation);
  t.is(operation.status, 'FAILED');
  t.regex(operation.failureReason ?? '', /^the bootloader of this board could not bring/);
  t.is(calls(world, 'GET', '/inventory/binaries/*').length, 0);
  t.deepEqual(world.device.machine.firmware.image, []);
  const same = order(world, fileOf('0.0.0'), { version: '0.0.0' });
  runToEnd(world, same);
  t.is(same.status, 'SUCCESSFUL', 'what runs already is there');
});

test('a bad file changes nothing, and the operation says what is wrong', (t) => {
  const image = imageOf('2.0.0');
  const damaged = Buffer.from(image);
  damaged.writeUInt8(0xff, 15_000);
  const cases: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /not a firmware|not the requested|HTTP|is empty/],
    [Buffer.from('<html>'), /this is not the requested content/],
    [image, /this is not the requested content/],
    [fileOf('2.0.0', image, { magic: 'fractus firmware 2' }), /not the requested content/],
    [fileOf('2.0.0', image, { magic: 'fractus firmware 12' }), /head of the file is damaged/],
    [fileOf('2.0.0', image, { sha256: 'abc' }), /head of the file is damaged/],
    [fileOf('2.0.0', image, { bytes: '0' }), /head of the file is damaged/],
    [fileOf('2.0.0', image, { bytes: '-5' }), /head of the file is damaged/],
    [fileOf('2.0.0', image, { model: undefined }), /head of the file is damaged/],
    [fileOf('2.0.0', image, { note: 'x'.repeat(2000) }), /more than 1024 bytes/],
    [fileOf('2.0.0', image, { name: 'toaster' }), /for the product toaster, not for fractus/],
    [fileOf('2.0.0', image, { model: 'ESP32-S3' }), /for ESP32-S3, not for ESP32 \(fake\)/],
    [fileOf('2.0.1'), /the file holds fractus 2\.0\.1/],
    [fileOf('2.0.0', imageOf('2.0.0', CAPACITY_BYTES + 1)), /room for 50000/],
    [fileOf('2.0.0', image, { bytes: '30000' }), /cut short: 10000 bytes are missing/],
    [fileOf('2.0.0', image, { bytes: '10000' }), /longer than it says/],
    [fileOf('2.0.0', damaged, { sha256: createHash('sha256').update(image).digest('hex') }), /image is damaged/],
  ];
  const world = createScene(t);
  for (const [file, reason] of cases) {
    const operation = order(world, file);
    runToEnd(world, operation);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
  }
  t.deepEqual(world.device.machine.restarts, []);
  const good = order(world, fileOf('2.0.0'));
  runToEnd(world, good);
  t.is(good.status, 'SUCCESSFUL', good.failureReason);
});

test('an operation that cannot be carried out says so', (t) => {
  const world = createScene(t);
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ name: undefined }, /name, version: missing/],
    [{ version: 7 }, /name, version: missing/],
    [{ url: '' }, /url: missing/],
    [{ url: ' ' }, /url: missing/],
    [{ url: '$PROVIDED' }, /url: missing/],
    [{ isPatch: true }, /whole images/],
    [{ isPatch: 'true' }, /whole images/],
    [{ dependency: '1.5.0' }, /needs version 1\.5\.0, and 0\.0\.0 runs/],
    [{ url: 'https://platform.test/inventory/binaries/77777' }, /HTTP 404/],
  ];
  for (const [wanted, reason] of cases) {
    const operation = order(world, 'https://platform.test/inventory/binaries/1', wanted);
    runToEnd(world, operation);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
  }
  t.deepEqual(world.device.machine.restarts, []);
});

test('on a board with one place for firmware it is not declared', (t) => {
  const world = createWorld(t, { app: (board) => board.operation(firmware) });
  world.start();
  settle(world);
  t.false((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Firmware'));
});

test('a power cut at any moment is no fault of the new firmware: it gets one more try', (t) => {
  for (let cutMs = 0; cutMs < 1200; cutMs += 20) {
    const world = createScene(t);
    const { machine } = world.device;
    const operation = order(world, fileOf('2.0.0'));
    world.run(cutMs);
    world.device.reboot();
    runToEnd(world, operation);
    t.is(operation.failureReason, undefined, `${cutMs} ms`);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
    t.is(machine.hal?.board.firmware.version, '2.0.0');
    t.like(objectOf(world).fragments['c8y_Firmware'], { version: '2.0.0' });
    t.false(logged(world, 'panic'));
  }
});

test('power that goes in each trial does not go on for ever', (t) => {
  const world = createScene(t);
  const { machine } = world.device;
  const operation = order(world, fileOf('2.0.0'));
  for (let cuts = 0; cuts < 2; cuts++) {
    world.runUntil(() => machine.hal?.firmware?.onTrial === true, 3_600_000);
    world.device.reboot();
  }
  runToEnd(world, operation);
  t.is(operation.status, 'FAILED');
  t.is(machine.hal?.board.firmware.version, '0.0.0');
  t.is(machine.restarts.length, 2);
});
