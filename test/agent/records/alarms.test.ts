// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { Agent } from '../../../src/agent/agent.ts';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import type { AlarmRecord } from '../../../tools/platform/model.ts';
import { alarmsOf, updateAlarm, updateObject } from '../../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../../tools/simulate/world.ts';
import { childOf } from '../operations/operating.ts';
import { bodyOf, calls, createSettled, createWorld, logged, objectOf, settle } from '../scene.ts';
import { Author, quiet } from './reporting.ts';

const path = '/alarm/alarms';
const type = 'x_Leak';

function createAuthored(t: ExecutionContext, options: WorldOptions = {}): { author: Author; world: World } {
  const author = new Author();
  const world = createSettled(t, { app: author.app, ...options, config: { ...quiet, ...options.config } });
  return { author, world };
}

function alarms(world: World, of = type): AlarmRecord[] {
  return alarmsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === of);
}

/** What has become of them, in order. */
function states(world: World, of = type): unknown[] {
  return alarms(world, of).map(({ fragments }) => fragments['status']);
}

function requests(world: World, since = 0): string[] {
  return world.exchanges
    .filter((each) => each.number > since && each.path.startsWith(path))
    .map(({ method }) => method);
}

function raise(author: Author, text = 'It leaks'): void {
  author.device.alarm(type, 'MAJOR', text);
}

test('raised once, looked for before, cleared by its id', (t) => {
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

test('what is not there is not cleared, and is asked for once', (t) => {
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

test('no second alarm after a restart, and it is cleared when the condition has ended meanwhile', (t) => {
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

test('a similar alarm that somebody else has raised is enough', (t) => {
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

test('an alarm of another type or another source does not count', (t) => {
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

test('an alarm that people acknowledge stays one alarm, and is cleared at its end', (t) => {
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

test('an alarm that people clear is raised again when its condition has ended and comes again', (t) => {
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

test('an alarm that people clear although its condition holds is raised again after an hour', (t) => {
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

test('what people make of an active alarm stays, until the device has something new to say', (t) => {
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
  test(`an alarm of the start before that has another ${what} is changed, and only once`, (t) => {
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
  test(`an alarm that the platform has refused with ${status} for two hours is raised when it takes it`, (t) => {
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

test('an alarm that people delete leaves no trouble behind', (t) => {
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

test('a device in maintenance: the platform stores nothing, the device goes on', (t) => {
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

const disturbances: readonly Misbehaviour[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 502, html: true, applied: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504, html: true },
  { kind: 'status', status: 429, retryAfterSeconds: 3 },
  { kind: 'status', status: 404, html: true },
  { kind: 'delay', ms: 40_000, after: true },
];

for (const fault of disturbances) {
  for (const method of ['GET', 'POST', 'PUT']) {
    for (const times of [1, 3]) {
      test(`one alarm though ${method} meets ${JSON.stringify(fault)}, ${times} times`, (t) => {
        const { author, world } = createAuthored(t);
        world.platform.order({ ...fault, method, path: `${path}**`, times } as Fault);
        raise(author);
        world.run(400_000);
        t.deepEqual(states(world), ['ACTIVE']);
        t.is(alarms(world)[0]?.count, 1);
        author.device.clear(type);
        world.run(400_000);
        t.deepEqual(states(world), ['CLEARED']);
      });
    }
  }
}

test('an answer that does not say which alarm was raised: it is looked for when it is to be cleared', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'status', status: 201, body: '{}', applied: true, method: 'POST', path });
  raise(author);
  world.run(10_000);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
  t.deepEqual(requests(world), ['GET', 'POST', 'GET', 'PUT']);
});

for (const status of [400, 403, 409, 422]) {
  test(`an alarm that the platform refuses with ${status} is said so and keeps no other waiting`, (t) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const { author, world } = createAuthored(t);
      world.platform.order({ kind: 'status', status, method, path: `${path}**` });
      raise(author);
      world.run(1000);
      author.device.clear(type);
      author.device.alarm('x_Other', 'MINOR', 'other');
      world.run(60_000);
      t.deepEqual(states(world, 'x_Other'), ['ACTIVE']);
      t.true(logged(world, `alarm ${type} of the device: the platform refuses it`));
      raise(author);
      world.run(10_000);
      author.device.clear(type);
      world.run(10_000);
      t.true(states(world).every((state) => state === 'CLEARED'));
    }
  });
}

test('only the latest wish counts while the link is down', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  raise(author, 'first');
  world.run(60_000);
  author.device.clear(type);
  world.run(60_000);
  raise(author, 'second');
  const since = world.platform.core.now();
  author.device.alarm('x_Gone', 'MINOR', 'gone');
  author.device.clear('x_Gone');
  world.run(120_000);
  world.device.linkUp();
  world.run(10_000);
  t.deepEqual(states(world), ['ACTIVE']);
  t.is(alarms(world)[0]?.fragments['text'], 'second');
  t.true(Math.abs((alarms(world)[0]?.timeMs ?? 0) - since) < 1500, 'with its own time');
  t.deepEqual(states(world, 'x_Gone'), []);
});

test('wishes that change while a request is on its way', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'delay', ms: 2000, after: true, path: `${path}**`, times: 1000 });
  for (let i = 0; i < 12; i++) {
    raise(author);
    world.run(500 * (i + 1));
    author.device.clear(type);
    world.run(700);
  }
  world.run(60_000);
  t.true(states(world).every((state) => state === 'CLEARED'));
  raise(author);
  world.run(60_000);
  t.is(states(world).at(-1), 'ACTIVE');
});

test('many alarms are told one after the other, and none is lost', (t) => {
  const { author, world } = createAuthored(t);
  for (let i = 0; i < 40; i++) author.device.alarm(`x_Alarm${i}`, 'WARNING', `alarm ${i}`);
  world.run(60_000);
  t.is(alarmsOf(world.platform, objectOf(world).id).length, 40);
  for (let i = 0; i < 40; i++) author.device.clear(`x_Alarm${i}`);
  world.run(60_000);
  t.true(alarmsOf(world.platform, objectOf(world).id).every(({ fragments }) => fragments['status'] === 'CLEARED'));
});

test('an alarm before the time is known has its true time', (t) => {
  const author = new Author();
  const world = createWorld(t, { app: author.app, config: quiet, platform: { accept: false } });
  world.start();
  world.run(30_000);
  raise(author);
  const trueMs = world.platform.core.now();
  world.platform.core.registrations.clear();
  Object.assign(world.platform.core, { acceptAll: true });
  settle(world);
  t.deepEqual(states(world), ['ACTIVE']);
  t.true(Math.abs((alarms(world)[0]?.timeMs ?? 0) - trueMs) < 1500);
});

test('a child is out of reach: it keeps its place and has an alarm until it answers again', (t) => {
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

test('an active alarm that gets worse is changed, and stays one alarm; what is said again changes nothing', (t) => {
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

test('what changes while a request about the alarm is under way is told after it', (t) => {
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

test('what has changed while nobody could be told is told after a power cut', (t) => {
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

test('an alarm in maintenance that gets worse is looked for again, and raised when the platform wants it', (t) => {
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

test('alarms of children that come and go leave nothing behind, in memory or on flash', (t) => {
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

test('alarms of children that nobody declares any more make room on flash when it is needed', (t) => {
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
  t.true(logged(world, 'the flash does not take it'), 'they may still be declared');
  world.run(400_000);
  const { length } = world.device.lines;
  raiseFor('e');
  t.false(world.device.lines.slice(length).some((line) => line.includes('the flash does not take it')));
});
