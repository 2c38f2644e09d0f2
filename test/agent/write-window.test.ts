// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createAuthored, nor, numbers, raw } from './persisting.ts';
import { counted, posts, queue, range } from './records/reporting.ts';
import { createSettled, settle } from './scene.ts';

test('without a window every measurement is written at once; with one, measurements sent within it cost no write', (t) => {
  for (const writeBehind of ['0', '30']) {
    const { author, world } = createAuthored(t, { config: { writeBehind } });
    const before = raw(world).steps;
    author.count(1, 20);
    t.is(raw(world).steps > before, writeBehind === '0', writeBehind);
    world.run(120_000);
    t.is(raw(world).steps > before, writeBehind === '0', writeBehind);
    t.deepEqual(counted(world), range(1, 20));
    t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  }
});

test('a power cut loses the records of the window and nothing else', (t) => {
  const { author, world } = createAuthored(t, { config: { writeBehind: '30' } });
  world.device.linkDown();
  world.run(1000);
  author.count(1, 10);
  world.run(20_000);
  author.count(11, 20);
  world.run(9000);
  t.is(queue(world).waiting, 20);
  // The window is that of the oldest record: all waiting ones are written then.
  world.run(2000);
  author.count(21, 60);
  t.is(queue(world).waiting, 60);
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  world.run(60_000);
  const arrived = counted(world);
  t.deepEqual(arrived, range(1, arrived.length));
  t.true(arrived.length >= 20 && arrived.length < 60, `${arrived.length}`);
  t.is(posts(world).filter(({ status }) => status === 422).length, 0);
});

test('an orderly restart writes the records that wait for the window', (t) => {
  const { author, world } = createAuthored(t, { config: { writeBehind: '3600' } });
  world.device.linkDown();
  world.run(1000);
  author.count(1, 10);
  author.device.event('x_Event', 'event', { x_Number: 7 });
  world.stop();
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  world.run(10_000);
  t.deepEqual(counted(world), range(1, 10));
  t.deepEqual(numbers(world), [7]);
});

test('flash that refuses costs no measurement while the power stays', (t) => {
  const { author, world } = createAuthored(t, { flash: { sectorBytes: 512 } });
  world.device.linkDown();
  world.run(1000);
  author.count(1, 5);
  raw(world).behaviour = 'refusing';
  author.count(6, 30);
  author.device.event('x_Event', 'event', { x_Number: 7 });
  world.run(600_000);
  author.count(31, 35);
  raw(world).behaviour = 'good';
  author.count(36, 40);
  world.run(120_000);
  author.count(41, 45);
  t.deepEqual(queue(world), { waiting: 46, lost: 0 });
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  world.run(10_000);
  t.deepEqual(counted(world), range(1, 45));
  t.deepEqual(numbers(world), [7]);
});

test('a day without measurements writes nothing to flash', (t) => {
  const { world } = createAuthored(t);
  world.run(60_000);
  const before = raw(world).steps;
  const writes = world.device.machine.flash.writes;
  world.run(86_000_000);
  t.is(raw(world).steps, before);
  t.is(world.device.machine.flash.writes, writes);
});

test('a day of measurements wears each sector once or twice', (t) => {
  const world = createSettled(t, { machine: { nor } });
  world.run(86_400_000);
  const { erases } = raw(world);
  const all = erases.reduce((sum, each) => sum + each, 0);
  t.true(counted(world).length === 0 && world.platform.core.measurements.size > 1400);
  t.true(all <= Math.ceil(1442 / 60), `${all} erases`);
});
