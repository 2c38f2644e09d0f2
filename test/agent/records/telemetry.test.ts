// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import { eventsOf, measurementsOf, updateObject } from '../../../tools/platform/operator.ts';
import { childOf } from '../operations/operating.ts';
import { calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import { Author, counted, itemsOf, posts, queue, quiet, range, valvesOf } from './reporting.ts';
import { path, poison } from './telemetry-scene.ts';

const disturbances: readonly Misbehaviour[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 401 },
  { kind: 'status', status: 404, html: true },
  { kind: 'status', status: 408 },
  { kind: 'status', status: 429, retryAfterSeconds: 5 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 503, applied: true },
  { kind: 'status', status: 301 },
  { kind: 'delay', ms: 45_000, after: true },
  { kind: 'cut', ms: 10 },
];

test('a single measurement is sent as one, several as a collection, each with its media type', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  author.count(1, 1);
  world.run(1000);
  author.count(2, 4);
  world.run(1000);
  const [single, ...rest] = posts(world);
  t.regex(single?.headers['content-type'] ?? '', /^application\/vnd\.com\.nsn\.cumulocity\.measurement\+json/);
  const collections = rest.filter(({ body }) => body.startsWith('{"measurements"'));
  t.true(collections.length >= 1);
  for (const { headers } of collections) {
    t.regex(headers['content-type'] ?? '', /^application\/vnd\.com\.nsn\.cumulocity\.measurementcollection\+json/);
  }
  for (const { headers } of posts(world)) t.is(headers['accept'], undefined, 'the body of the answer is not needed');
  t.deepEqual(counted(world), range(1, 4));
});

test('flash with content of another format is reported once for each queue, and used again', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet, machine: { nor: {} } });
  const told = () => world.device.lines.filter((line) => line.includes('flash for records: unreadable')).length;
  t.is(told(), 0, 'erased flash is that of a new board');
  world.device.powerCut();
  world.device.machine.nor?.bytes.fill(0x55);
  world.device.start();
  settle(world);
  t.is(told(), 2, 'of measurements and of events');
  world.device.powerCut();
  world.device.start();
  settle(world);
  t.is(told(), 2);
  author.count(1, 3);
  author.device.event('x_Event', 'event 1', {});
  world.run(1000);
  t.deepEqual(counted(world), range(1, 3));
  t.is(eventsOf(world.platform, objectOf(world).id).length, 1);
  t.is(world.device.machine.nor?.breaches, 0);
});

test('measurements taken together are sent together, at most fifty and a few kilobytes at a time', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  world.device.linkDown();
  world.run(1000);
  author.count(1, 100);
  for (let i = 0; i < 8; i++) author.device.measure('x_Large', { x_Large: { text: 'x'.repeat(900), n: { value: i } } });
  world.device.linkUp();
  world.run(60_000);
  t.deepEqual(counted(world), range(1, 100));
  const batches = posts(world);
  t.true(batches.some((each) => itemsOf(each).length === 50));
  for (const each of batches) {
    t.true(itemsOf(each).length <= 50);
    t.true(each.body.length < 10_000, `${each.body.length} bytes`);
  }
  t.is(batches.flatMap(itemsOf).length, 108);
});

for (const [what, at] of [
  ['first', [0]],
  ['last', [29]],
  ['in the middle', [13]],
  ['next to each other', [7, 8]],
  ['spread', [0, 5, 6, 17, 29]],
  ['the whole batch', range(0, 29)],
] as const) {
  test(`a bad item is found, dropped, counted and logged, and all others arrive once and in order: ${what}`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    world.device.linkDown();
    world.run(1000);
    const sound: number[] = [];
    for (let n = 0; n < 30; n++) {
      if ((at as readonly number[]).includes(n)) poison(author);
      else {
        sound.push(n);
        author.count(n, n);
      }
    }
    world.device.linkUp();
    world.run(120_000);
    t.deepEqual(counted(world), sound);
    t.deepEqual(queue(world), { waiting: 0, lost: at.length });
    t.true(logged(world, /warn: measurements: the platform refuses a record of the device: dropped/));
    const refused = posts(world).filter(({ status }) => status === 422);
    for (const each of refused) t.true(itemsOf(each).length <= 30);
    t.true(refused.length <= at.length * 6);
    author.count(100, 100);
    world.run(1000);
    t.deepEqual(counted(world), [...sound, 100], 'and the next ones go at once');
  });
}

for (const status of [400, 404, 409, 413, 415, 422]) {
  test(`an item refused with ${status} costs only itself`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    world.platform.order({ kind: 'status', status, path, contains: '"value":5', times: 100 });
    world.device.linkDown();
    world.run(1000);
    author.count(1, 9);
    world.device.linkUp();
    world.run(120_000);
    t.deepEqual(counted(world), [1, 2, 3, 4, 6, 7, 8, 9]);
    t.is(queue(world).lost, 1);
    t.is(calls(world, 'POST', '/inventory/managedObjects').length, 1, 'no reason to register anew');
  });
}

for (const status of [404, 422]) {
  test(`fifty items in a row refused with ${status}: the cause is not the records, so they are kept and arrive later`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet, machine: { nor: {} } });
    world.platform.order({ kind: 'status', status, path, times: 1e6 });
    for (let n = 1; n <= 120; n++) {
      author.count(n, n);
      world.run(60_000);
    }
    t.deepEqual(queue(world), { waiting: 70, lost: 50 });
    const since = world.requests;
    author.count(121, 121);
    world.run(3_600_000);
    t.true(posts(world, since).length <= 20, `${posts(world, since).length} in an hour`);
    world.platform.cancel();
    world.run(600_000);
    t.deepEqual(counted(world), range(51, 121));
  });
}

for (const fault of disturbances) {
  test(`measurements arrive in order and are not lost: ${JSON.stringify(fault)}`, (t) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: quiet });
    world.platform.order({ ...fault, path, times: 4 } as Fault);
    for (let n = 1; n <= 20; n++) {
      author.count(n, n);
      world.run(3000);
    }
    world.run(300_000);
    // Repetitions after a lost answer may arrive twice: no key identifies them.
    const arrived = counted(world);
    t.deepEqual(
      [...new Set(arrived)].sort((a, b) => a - b),
      range(1, 20),
    );
    const first = arrived.filter((n, i) => arrived.indexOf(n) === i);
    t.deepEqual(first, range(1, 20));
    t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  });
}

test('a board without write permission keeps its records until its owner is corrected', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  const device = objectOf(world);
  const { owner } = device;
  updateObject(world.platform, device.id, { owner: 'somebody else' });
  author.count(1, 5);
  world.run(300_000);
  t.deepEqual(counted(world), []);
  t.deepEqual(queue(world), { waiting: 5, lost: 0 });
  t.true(posts(world).length < 20, 'asked once a minute');
  updateObject(world.platform, device.id, { owner });
  world.run(180_000);
  t.deepEqual(counted(world), range(1, 5));
});

test('measurements of a child whose owner was not changed wait, the others arrive in order', (t) => {
  const author = new Author();
  const world = createSettled(t, { config: quiet, app: author.withChild('valve') });
  const valve = childOf(world, 'valve');
  updateObject(world.platform, valve.id, { owner: 'somebody else' });
  world.device.linkDown();
  world.run(1000);
  for (let n = 1; n <= 12; n++) {
    author.count(n, n);
    if (n % 4 === 0) author.child.measure('x_Valve', { x_Valve: { n: { value: n } } });
  }
  world.device.linkUp();
  world.run(300_000);
  t.deepEqual(counted(world), range(1, 12));
  t.deepEqual(measurementsOf(world.platform, valve.id), []);
  t.deepEqual(queue(world), { waiting: 3, lost: 0 });
  const troubles = world.device.lines.filter((line) => line.includes('measurements of child valve'));
  t.is(troubles.length, 1, 'said once');
  author.count(13, 14);
  world.run(1000);
  t.deepEqual(counted(world), range(1, 14), 'at once');

  updateObject(world.platform, valve.id, { owner: world.device.user });
  world.run(300_000);
  t.deepEqual(valvesOf(world, valve.id), [4, 8, 12]);
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  const told = eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']);
  t.deepEqual(told, ['c8y_ChildRefused', 'fractus_RegistrationHealed']);
});

test('refused measurements of one child only: the rate falls, and the recovery is reported', (t) => {
  const author = new Author();
  const world = createSettled(t, { config: quiet, app: author.withChild('valve') });
  const valve = childOf(world, 'valve');
  const refusal = { kind: 'status', status: 403, path, contains: `"${valve.id}"`, times: 10_000 } as const;
  world.platform.order(refusal);
  for (let n = 1; n <= 60; n++) {
    author.child.measure('x_Valve', { x_Valve: { n: { value: n } } });
    author.count(n, n);
    world.run(60_000);
  }
  t.deepEqual(counted(world), range(1, 60));
  const since = world.requests;
  author.child.measure('x_Valve', { x_Valve: { n: { value: 61 } } });
  world.run(3_600_000);
  const refused = posts(world, since).filter(({ status }) => status === 403);
  t.true(refused.length >= 8 && refused.length <= 20, `${refused.length} refused in an hour`);
  world.platform.core.faults.cancel();
  world.run(300_000);
  t.deepEqual(valvesOf(world, valve.id), range(1, 61), 'in order, once');
  const told = eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']);
  t.deepEqual(told, ['fractus_ReportsHealed']);
});
