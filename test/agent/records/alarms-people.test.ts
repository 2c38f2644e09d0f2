// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { alarmsOf, updateAlarm, updateObject } from '../../../tools/platform/operator.ts';
import { childOf } from '../operations/operating.ts';
import { calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import { alarms, createAuthored, path, raise, requests, states, type } from './alarming.ts';
import { Author, quiet } from './reporting.ts';

test('no alarm is raised if another user has raised a similar one', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.core.alarms.set('77', {
    id: '77',
    sourceId: objectOf(world).id,
    creationTimeMs: 0,
    lastUpdatedMs: 0,
    timeMs: 0,
    firstOccurrenceTimeMs: 0,
    count: 1,
    request: 0,
    fragments: { type, severity: 'MINOR', text: 'seen by a person', status: 'ACKNOWLEDGED' },
  });
  raise(author);
  world.run(10_000);
  t.deepEqual(states(world), ['ACKNOWLEDGED']);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
});

test('an alarm of another type or source does not count', (t) => {
  const author = new Author();
  const world = createSettled(t, {
    config: quiet,
    app: (board) => {
      author.app(board);
      board.child('valve', {});
    },
  });
  const valve = childOf(world, 'valve').id;
  author.device.alarm('x_Other', 'MINOR', 'other');
  raise(author);
  world.run(10_000);
  t.is(alarmsOf(world.platform, objectOf(world).id).length, 2);
  t.is(alarmsOf(world.platform, valve).length, 0);
});

test('an alarm that people acknowledge stays one alarm and is cleared at its end', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  Object.assign(alarms(world)[0]?.fragments ?? {}, { status: 'ACKNOWLEDGED' });
  raise(author);
  world.run(60_000);
  t.deepEqual(states(world), ['ACKNOWLEDGED']);
  world.device.reboot();
  settle(world);
  raise(author);
  world.run(60_000);
  t.deepEqual(states(world), ['ACKNOWLEDGED']);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
});

test('an alarm that people clear is raised again when its condition has ended and begins again', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  Object.assign(alarms(world)[0]?.fragments ?? {}, { status: 'CLEARED' });
  for (let i = 0; i < 5; i++) {
    raise(author);
    world.run(60_000);
  }
  t.deepEqual(states(world), ['CLEARED']);
  author.device.clear(type);
  world.run(10_000);
  raise(author);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED', 'ACTIVE']);
});

test('an alarm that people clear while its condition holds is raised again after an hour', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  const before = world.requests;
  for (const alarm of alarms(world)) updateAlarm(world.platform, alarm, { status: 'CLEARED' });
  for (let i = 0; i < 55; i++) {
    raise(author);
    world.run(60_000);
  }
  t.deepEqual(requests(world, before), [], 'nobody asks before');
  world.run(600_000);
  t.deepEqual(states(world), ['CLEARED', 'ACTIVE']);
  t.deepEqual(requests(world, before), ['GET', 'POST']);
  world.run(4 * 3_600_000);
  t.deepEqual(states(world), ['CLEARED', 'ACTIVE']);
  t.deepEqual(requests(world, before), ['GET', 'POST', 'GET', 'GET', 'GET', 'GET'], 'one look an hour');
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED', 'CLEARED']);
  world.run(4 * 3_600_000);
  t.is(requests(world, before).length, 7, 'what is over is not looked for');
});

test('changes of people to an active alarm stay until the device reports a new state', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  const [alarm] = alarms(world);
  Object.assign(alarm?.fragments ?? {}, { severity: 'CRITICAL', status: 'ACKNOWLEDGED' });
  world.run(3 * 3_600_000);
  t.like(alarm?.fragments, { severity: 'CRITICAL', status: 'ACKNOWLEDGED', text: 'It leaks' });
  author.device.alarm(type, 'MINOR', 'It drips');
  world.run(10_000);
  t.like(alarm?.fragments, { severity: 'MINOR', text: 'It drips' });
  t.is(alarms(world).length, 1);
});

for (const [what, severity, text] of [
  ['severity', 'MINOR', 'It leaks'],
  ['text', 'MAJOR', 'It leaks a little'],
  ['text beyond ASCII', 'MAJOR', 'Es läuft “aus” \\ 🙂'],
] as const) {
  test(`an alarm of the previous start with another ${what} is updated once`, (t) => {
    const { author, world } = createAuthored(t);
    raise(author);
    world.run(1000);
    world.device.reboot();
    settle(world);
    const before = world.requests;
    author.device.alarm(type, severity, text);
    world.run(10_000);
    t.deepEqual(requests(world, before), ['GET', 'PUT']);
    t.like(alarms(world)[0]?.fragments, { severity, text, status: 'ACTIVE' });
    world.device.reboot();
    settle(world);
    const again = world.requests;
    author.device.alarm(type, severity, text);
    world.run(10_000);
    t.deepEqual(requests(world, again), ['GET']);
  });
}

for (const status of [403, 422]) {
  test(`an alarm that the platform has refused with ${status} for two hours is raised when it is accepted`, (t) => {
    const { author, world } = createAuthored(t);
    const fault = world.platform.order({ kind: 'status', status, method: 'POST', path, times: 1000 });
    raise(author);
    world.run(2 * 3_600_000);
    t.deepEqual(states(world), []);
    t.true(calls(world, 'POST', path).length < 60, `${calls(world, 'POST', path).length} attempts`);
    world.platform.cancel(fault);
    world.run(3_700_000);
    t.deepEqual(states(world), ['ACTIVE']);
  });
}

test('an alarm that people delete causes no error', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  world.platform.core.alarms.clear();
  author.device.clear(type);
  world.run(10_000);
  raise(author);
  world.run(10_000);
  t.deepEqual(states(world), ['ACTIVE']);
});

test('a device in maintenance: the platform stores no alarm, and the device continues', (t) => {
  const { author, world } = createAuthored(t);
  const { id } = objectOf(world);
  const maintain = (minutes: number) =>
    updateObject(world.platform, id, { fragments: { c8y_RequiredAvailability: { responseInterval: minutes } } });
  maintain(-1);
  raise(author);
  author.device.alarm('x_Other', 'MINOR', 'other');
  world.run(10_000);
  t.deepEqual(alarmsOf(world.platform, id), []);
  author.device.clear(type);
  world.run(10_000);
  maintain(10);
  raise(author);
  world.run(10_000);
  t.deepEqual(states(world), ['ACTIVE']);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
  t.false(logged(world, 'refuses'));
});
