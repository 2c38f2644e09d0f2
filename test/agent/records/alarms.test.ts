// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Agent } from '../../../src/agent/agent.ts';
import { alarmsOf, updateObject } from '../../../tools/platform/operator.ts';
import { childOf } from '../operations/operating.ts';
import { bodyOf, calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import { alarms, createAuthored, path, raise, requests, states, type } from './alarming.ts';
import { Author, quiet } from './reporting.ts';

test('an alarm is looked for, raised once, and cleared by its id', (t) => {
  const { author, world } = createAuthored(t);
  const before = world.requests;
  raise(author);
  world.run(1000);
  const [alarm] = alarms(world);
  t.like(alarm?.fragments, { type, severity: 'MAJOR', text: 'It leaks', status: 'ACTIVE' });
  t.true(Math.abs((alarm?.timeMs ?? 0) - world.platform.core.now()) < 3000);
  raise(author);
  author.device.alarm(type, 'MAJOR', 'It leaks', { x_Litres: 5 });
  world.run(60_000);
  t.deepEqual(requests(world, before), ['GET', 'POST']);
  const look = new URL(calls(world, 'GET', path)[0]?.path ?? '', 'http://x').searchParams;
  t.is(look.get('source'), objectOf(world).id);
  t.is(look.get('type'), type);
  author.device.clear(type);
  world.run(1000);
  t.deepEqual(requests(world, before), ['GET', 'POST', 'PUT']);
  t.true(calls(world, 'PUT', `${path}/*`)[0]?.path.endsWith(`/${alarm?.id}`));
  t.deepEqual(bodyOf(calls(world, 'PUT', `${path}/*`)[0]), { status: 'CLEARED' });
  t.deepEqual(states(world), ['CLEARED']);
});

test('an alarm that does not exist is not cleared, and is looked for once', (t) => {
  const { author, world } = createAuthored(t);
  const before = world.requests;
  for (let i = 0; i < 5; i++) {
    author.device.clear(type);
    world.run(1000);
  }
  t.deepEqual(requests(world, before), ['GET']);
});

test('a condition that ends and begins again raises a new alarm', (t) => {
  const { author, world } = createAuthored(t);
  for (let i = 0; i < 3; i++) {
    raise(author);
    world.run(5000);
    author.device.clear(type);
    world.run(5000);
  }
  t.deepEqual(states(world), ['CLEARED', 'CLEARED', 'CLEARED']);
  t.true(alarms(world).every(({ count }) => count === 1));
});

test('after a restart no second alarm is raised, and it is cleared if the condition has ended meanwhile', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  world.device.reboot();
  settle(world);
  const before = world.requests;
  raise(author);
  world.run(10_000);
  t.deepEqual(requests(world, before), ['GET']);
  t.deepEqual(states(world), ['ACTIVE']);
  t.is(alarms(world)[0]?.count, 1);
  world.device.reboot();
  settle(world);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
});

test('an unreachable child keeps its place and has an alarm until it answers again', (t) => {
  let valve: { reachable(yes: boolean): void } | undefined;
  const world = createSettled(t, {
    config: quiet,
    app: (board) => {
      valve = board.child('valve', {});
    },
  });
  const { id } = childOf(world, 'valve');
  const unreachable = () =>
    alarmsOf(world.platform, id)
      .filter(({ fragments }) => fragments['type'] === 'c8y_ChildUnreachable')
      .map(({ fragments }) => fragments['status']);
  for (let i = 0; i < 3; i++) valve?.reachable(false);
  world.run(10_000);
  t.deepEqual(unreachable(), ['ACTIVE']);
  t.true(objectOf(world).children.childDevices.has(id));
  valve?.reachable(true);
  world.run(10_000);
  t.deepEqual(unreachable(), ['CLEARED']);
});

test('an active alarm that gets worse is updated and stays one alarm; a repetition changes nothing', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  const before = world.requests;
  const [timeMs] = alarms(world).map((each) => each.timeMs);
  author.device.alarm(type, 'CRITICAL', 'It leaks "everywhere"\n', { x_Litres: 5 });
  author.device.alarm(type, 'CRITICAL', 'It leaks "everywhere"\n', { x_Litres: 6 });
  world.run(1000);
  author.device.alarm(type, 'CRITICAL', 'It leaks "everywhere"\n', { x_Litres: 7 });
  world.run(60_000);
  t.deepEqual(requests(world, before), ['PUT']);
  t.deepEqual(bodyOf(calls(world, 'PUT', `${path}/*`)[0]), { severity: 'CRITICAL', text: 'It leaks "everywhere"\n' });
  t.like(alarms(world)[0], { count: 1, timeMs });
  author.device.clear(type);
  world.run(1000);
  t.deepEqual(states(world), ['CLEARED']);
});

test('a change during a request about the alarm is sent after it', (t) => {
  const { author, world } = createAuthored(t);
  const before = world.requests;
  raise(author);
  world.runUntil(() => requests(world, before).includes('POST'), 5000);
  author.device.alarm(type, 'CRITICAL', 'It leaks more');
  world.runUntil(() => requests(world, before).includes('PUT'), 5000);
  author.device.alarm(type, 'MINOR', 'It leaks less');
  world.run(10_000);
  t.deepEqual(requests(world, before), ['GET', 'POST', 'PUT', 'PUT']);
  t.like(alarms(world)[0]?.fragments, { severity: 'MINOR', text: 'It leaks less', status: 'ACTIVE' });
});

test('a change during an outage is sent after a power cut', (t) => {
  const { author, world } = createAuthored(t);
  raise(author);
  world.run(1000);
  world.device.linkDown();
  author.device.alarm(type, 'CRITICAL', 'It leaks more');
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  t.like(alarms(world)[0]?.fragments, { severity: 'CRITICAL', text: 'It leaks more', status: 'ACTIVE' });
  t.is(alarms(world).length, 1);
  t.false([...world.device.machine.flash.values.keys()].some((name) => name.startsWith('alarm-')));
});

test('an alarm in maintenance that gets worse is looked for again, and raised when the platform accepts it', (t) => {
  const { author, world } = createAuthored(t);
  updateObject(world.platform, objectOf(world).id, {
    fragments: { c8y_RequiredAvailability: { responseInterval: 0 } },
  });
  raise(author);
  world.run(1000);
  t.deepEqual(states(world), []);
  updateObject(world.platform, objectOf(world).id, {
    fragments: { c8y_RequiredAvailability: { responseInterval: 10 } },
  });
  author.device.alarm(type, 'CRITICAL', 'It leaks more');
  world.run(5000);
  t.deepEqual(states(world), ['ACTIVE']);
});

for (const bad of ['', 'a b', 'a\nb', 'a.b', 'x'.repeat(300)]) {
  test(`the alarm type ${JSON.stringify(bad.slice(0, 9))} is refused, to raise and to clear`, (t) => {
    const { author, world } = createAuthored(t);
    const before = world.requests;
    t.throws(() => author.device.alarm(bad, 'MAJOR', 'text'), { instanceOf: RangeError });
    t.throws(() => author.device.clear(bad), { instanceOf: RangeError });
    t.throws(() => author.device.alarm(type, 'FATAL' as never, 'text'), {
      instanceOf: RangeError,
      message: /CRITICAL/,
    });
    world.run(5000);
    t.deepEqual(requests(world, before), []);
    t.deepEqual([...world.device.machine.flash.values.keys()].sort(), ['acknowledged', 'credentials']);
  });
}

test('alarms of children that come and go leave nothing in memory or on flash', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  const agent = world.device.agent as unknown as Agent;
  for (let n = 0; n < 60; n++) {
    const child = author.device.child(`child${n}`, {});
    child.alarm(type, 'MAJOR', 'It leaks');
    world.run(n % 2 === 0 ? 5000 : 0);
    child.remove();
    world.run(3000);
  }
  t.is(agent.alarms.active, 0);
  t.deepEqual([...world.device.machine.flash.values.keys()].sort(), ['acknowledged', 'credentials']);
});

test('alarms of children that are no longer declared make room on flash when it is needed', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet, machine: { capacityBytes: 8000 } });
  const before = world.device.machine.flash.values.size;
  const raiseFor = (name: string) => author.device.child(name, {}).alarm(type, 'MAJOR', 'x'.repeat(900));
  world.device.linkDown();
  for (const name of ['a', 'b', 'c']) raiseFor(name);
  t.true(world.device.machine.flash.values.size > before);
  world.device.powerCut();
  world.device.start();
  raiseFor('d');
  t.true(logged(world, 'the flash refuses it'), 'they may still be declared');
  world.run(400_000);
  const { length } = world.device.lines;
  raiseFor('e');
  t.false(world.device.lines.slice(length).some((line) => line.includes('the flash refuses it')));
});
