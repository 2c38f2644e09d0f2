// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { order, runToEnd } from './operations/operating.ts';
import { createSettled, createWorld, listening, objectOf, settle } from './scene.ts';

const OPTIONAL = ['watchdog', 'firmware', 'modules', 'sleep'] as const;

test('a board without watchdog, firmware slots, modules and sleep declares nothing for them and does not throw', (t) => {
  const bare = createSettled(t);
  for (const name of OPTIONAL) t.is(bare.device.machine.hal?.[name], undefined);
  const whole = createSettled(t, { machine: { watchdogMs: 10_000, firmwareBytes: 1000, sleeps: true } });
  for (const name of ['watchdog', 'firmware', 'sleep'] as const) t.not(whole.device.machine.hal?.[name], undefined);
  const operations = objectOf(bare).fragments['c8y_SupportedOperations'] as string[];
  for (const name of operations) {
    t.true((objectOf(whole).fragments['c8y_SupportedOperations'] as string[]).includes(name), name);
  }
  for (const name of ['c8y_Firmware', 'c8y_SoftwareUpdate', 'c8y_SoftwareList']) t.false(operations.includes(name));
  for (const world of [bare, whole]) {
    runToEnd(world, [order(world, { c8y_Command: { text: 'status' } }), order(world, { c8y_Restart: {} })]);
    world.runUntil(() => listening(world), 60_000);
    world.run(3_600_000);
    t.is(world.device.machine.restarts.length, 1, 'the one that was ordered');
    t.deepEqual(
      world.device.lines.filter((line) => line.startsWith('error')),
      [],
    );
  }
});

test('each caller of stop is notified, also during the stop and after it', (t) => {
  const world = createSettled(t);
  const told: string[] = [];
  const { agent } = world.device;
  agent?.stop(() => told.push('first'));
  agent?.stop(() => told.push('second'));
  world.run(2000);
  t.deepEqual(told, ['first', 'second']);
  agent?.stop(() => told.push('third'));
  t.deepEqual(told, ['first', 'second', 'third']);
});

test('devices that lost power together start and sample at different times; a new device and one that restarts do not wait', (t) => {
  const most = 100;
  const world = createWorld(t, { config: { startSpread: '20' } });
  for (let n = 1; n < most; n++) {
    const mac = `02000000${n.toString(16).padStart(4, '0')}`;
    world.add({ config: { startSpread: '20' }, machine: { board: { mac, serialNumber: `street-${n}` } } });
  }
  world.start();
  world.runUntil(() => world.exchanges.some(({ path }) => path.startsWith('/devicecontrol')), 100);
  settle(world);
  world.run(60_000);
  const before = world.requests;
  const sinceMs = world.time.nowMs;
  for (const device of world.devices) device.powerCut();
  for (const device of world.devices) device.start();
  world.run(30_000);
  const perSecond = new Map<number, number>();
  const samples = new Map<number, number>();
  for (const { number, atMs, path } of world.exchanges) {
    if (number <= before) continue;
    const second = Math.floor((atMs - sinceMs) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    if (path.startsWith('/measurement')) samples.set(second, (samples.get(second) ?? 0) + 1);
  }
  t.true(Math.max(...perSecond.values()) < most);
  t.true(Math.max(...samples.values()) < most / 4);
  const restarted = world.requests;
  world.device.machine.restart('asked for', 'software');
  world.run(500);
  t.true(world.requests > restarted);
});
