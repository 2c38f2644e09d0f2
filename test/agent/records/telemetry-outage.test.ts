// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault } from '../../../tools/platform/faults.ts';
import { measurementsOf } from '../../../tools/platform/operator.ts';
import { createSettled, createWorld, logged, objectOf, settle } from '../scene.ts';
import { Author, counted, itemsOf, posts, queue, quiet, range } from './reporting.ts';
import { path, poison } from './telemetry-scene.ts';

test('half an hour without a link: all samples arrive in order with their own time', (t) => {
  const world = createSettled(t);
  const { id } = objectOf(world);
  const before = measurementsOf(world.platform, id).length;
  const times = measurementsOf(world.platform, id).map(({ timeMs }) => timeMs);
  world.run(10_000);
  world.device.linkDown();
  world.run(1_800_000);
  t.is(measurementsOf(world.platform, id).length, before);
  world.device.linkUp();
  world.run(20_000);
  const records = measurementsOf(world.platform, id);
  t.is(records.length, before + 30);
  records.forEach(({ timeMs }, i) => {
    t.true(Math.abs(timeMs - (times[0] ?? 0) - i * 60_000) < 1500, `sample ${i}`);
  });
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  const late = posts(world).filter((each) => itemsOf(each).length === 30);
  t.is(late.length, 1, 'in one request');
});

test('half an hour without the platform: the same, for each kind of outage', (t) => {
  for (const fault of [
    { kind: 'status', status: 503 },
    { kind: 'dropBefore' },
    { kind: 'status', status: 502, html: true },
  ] as const) {
    const world = createSettled(t);
    const { id } = objectOf(world);
    const before = measurementsOf(world.platform, id).length;
    world.platform.order({ ...fault, times: 100_000 } as Fault);
    world.cutConnections('reset');
    world.run(1_800_000);
    world.platform.cancel();
    world.run(90_000);
    settle(world);
    const times = measurementsOf(world.platform, id).map(({ timeMs }) => timeMs);
    t.true(times.length >= before + 30);
    for (let i = 1; i < times.length; i++) {
      t.true(Math.abs((times[i] ?? 0) - (times[i - 1] ?? 0) - 60_000) < 1500, `sample ${i}`);
    }
  }
});

test('when the queue is full the oldest measurement is dropped and counted; events stay', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: { ...quiet, queueSize: '16' } });
  world.device.linkDown();
  world.run(1000);
  for (let n = 1; n <= 5; n++) author.device.event('x_Event', `event ${n}`);
  author.count(1, 100);
  t.deepEqual(queue(world), { waiting: 21, lost: 84 });
  t.true(logged(world, /warn: the queue is full/));
  world.device.linkUp();
  world.run(20_000);
  t.deepEqual(counted(world), range(85, 100));
  t.deepEqual(
    [...world.platform.core.events.values()].map(({ fragments }) => fragments['text']),
    [...range(1, 5).map((n) => `event ${n}`), '84 measurements were lost: there was no room for them'],
  );
  t.deepEqual(queue(world), { waiting: 0, lost: 84 });
});

test('records that overflow while a batch is on its way are counted, and nothing else is lost', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: { ...quiet, queueSize: '16' } });
  world.platform.order({ kind: 'delay', ms: 20_000, after: true, path, times: 2 });
  author.count(1, 10);
  world.run(1000);
  // The first measurement is sent alone, then the other nine.
  author.count(11, 22);
  world.run(25_000);
  author.count(23, 34);
  world.run(60_000);
  const arrived = counted(world);
  t.deepEqual(
    arrived,
    [...new Set(arrived)].sort((a, b) => a - b),
    'in order, none twice',
  );
  const missing = range(1, 34).filter((n) => !arrived.includes(n));
  t.is(queue(world).lost, missing.length, `missing: ${missing}`);
  t.deepEqual(arrived.slice(-12), range(23, 34));
});

test('a bad item that drops out of the full queue takes no other with it', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: { ...quiet, queueSize: '16' } });
  world.platform.order({ kind: 'delay', ms: 10_000, after: true, path: '/identity/**', times: 10 });
  poison(author);
  world.run(1000);
  author.count(1, 16);
  world.run(60_000);
  t.deepEqual(counted(world), range(1, 16));
  t.is(queue(world).lost, 1);
});

test('a restart of the device loses the records in RAM and nothing else', (t) => {
  const world = createWorld(t);
  world.start();
  settle(world);
  world.device.reboot();
  settle(world);
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  t.is(measurementsOf(world.platform, objectOf(world).id).length, 2);
});
