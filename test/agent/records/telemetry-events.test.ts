// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import { eventsOf, updateObject } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf } from '../operations/operating.ts';
import { bodyOf, calls, createSettled, logged, objectOf } from '../scene.ts';
import { Author, queue, quiet, range } from './reporting.ts';

const path = '/event/events';

/** The numbers of the arrived events, in order of arrival. */
function told(world: World): number[] {
  return eventsOf(world.platform, objectOf(world).id)
    .filter(({ fragments }) => fragments['type'] === 'x_Event')
    .map(({ fragments }) => Number(fragments['x_Number']));
}

function tell(author: Author, from: number, to: number): void {
  for (let n = from; n <= to; n++) author.device.event('x_Event', `event ${n}`, { x_Number: n });
}

function createAuthored(t: Parameters<typeof createSettled>[0]): { author: Author; world: World } {
  const author = new Author();
  return { author, world: createSettled(t, { app: author.app, config: quiet }) };
}

test('an event has all members that the platform requires, and those of its author', (t) => {
  const { author, world } = createAuthored(t);
  author.device.event('x_Door', 'Die Tür ist "offen" 😀', { x_Door: { open: true, since: [1, 2.5] }, x_None: null });
  world.run(1000);
  const [post] = calls(world, 'POST', path);
  t.regex(post?.headers['content-type'] ?? '', /^application\/vnd\.com\.nsn\.cumulocity\.event\+json/);
  t.like(bodyOf(post), {
    type: 'x_Door',
    text: 'Die Tür ist "offen" 😀',
    source: { id: objectOf(world).id },
    x_Door: { open: true, since: [1, 2.5] },
    x_None: null,
  });
  t.regex(String(bodyOf(post)['time']), /^2026-01-04T[0-9:.]+Z$/);
});

test('events are sent one by one and in order, also among measurements', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  for (let n = 1; n <= 30; n++) {
    tell(author, n, n);
    author.count(n, n);
    world.run(1000);
  }
  world.device.linkUp();
  world.run(30_000);
  t.deepEqual(told(world), range(1, 30));
  const times = eventsOf(world.platform, objectOf(world).id).map(({ timeMs }) => timeMs);
  for (let i = 1; i < times.length; i++) t.is((times[i] ?? 0) - (times[i - 1] ?? 0), 1000, 'with their own time');
  t.is(calls(world, 'POST', path).length, 30);
});

for (const fault of [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 503, retryAfterSeconds: 4 },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 404, html: true },
  { kind: 'delay', ms: 40_000, after: true },
] as const satisfies readonly Misbehaviour[]) {
  test(`no event is lost: ${JSON.stringify(fault)}`, (t) => {
    const { author, world } = createAuthored(t);
    world.platform.order({ ...fault, path, times: 3 } as Fault);
    tell(author, 1, 5);
    world.run(400_000);
    const arrived = told(world);
    t.deepEqual(
      arrived.filter((n, i) => arrived.indexOf(n) === i),
      range(1, 5),
    );
    t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  });
}

test('an event that the platform refuses is dropped, counted and logged, and blocks no other', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'status', status: 422, path, contains: 'event 3', times: 10 });
  tell(author, 1, 5);
  author.count(1, 1);
  world.run(30_000);
  t.deepEqual(told(world), [1, 2, 4, 5]);
  t.is(queue(world).lost, 1);
  t.true(logged(world, 'warn: events: the platform refuses a record of the device: dropped'));
});

test('events of a child whose owner was not changed wait, the others are sent', (t) => {
  const author = new Author();
  const family = author.withChild('valve');
  const world = createSettled(t, { config: quiet, app: family });
  const valve = childOf(world, 'valve');
  updateObject(world.platform, valve.id, { owner: 'somebody else' });
  for (let n = 1; n <= 3; n++) {
    tell(author, n, n);
    author.child.event('x_Event', 'of the valve');
  }
  world.run(300_000);
  t.deepEqual(told(world), [1, 2, 3]);
  t.deepEqual(eventsOf(world.platform, valve.id), []);
  t.deepEqual(queue(world), { waiting: 3, lost: 0 });
  updateObject(world.platform, valve.id, { owner: world.device.user });
  world.run(300_000);
  t.is(eventsOf(world.platform, valve.id).length, 3);
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
});

test('a full queue of events drops the oldest, counts it, and leaves the measurements alone', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: { ...quiet, queueSize: '16' } });
  world.device.linkDown();
  world.run(1000);
  author.count(1, 10);
  tell(author, 1, 20);
  t.deepEqual(queue(world), { waiting: 26, lost: 4 });
  world.device.linkUp();
  world.run(30_000);
  t.deepEqual(told(world), range(5, 20));
});
