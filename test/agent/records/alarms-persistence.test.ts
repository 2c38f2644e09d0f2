// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { App } from '../../../src/index.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import { World } from '../../../tools/simulate/machine/world.ts';
import { childOf } from '../operations/operating.ts';
import { calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import { Author, quiet } from './reporting.ts';

const type = 'x_Leak';
const path = '/alarm/alarms';

function stored(world: World): string[] {
  return [...world.device.machine.flash.values.keys()].filter((name) => name.startsWith('alarm-'));
}

function alarms(world: World, id = objectOf(world).id) {
  return alarmsOf(world.platform, id)
    .map(({ fragments, timeMs }) => ({ ...fragments, timeMs }) as Record<string, unknown> & { timeMs: number })
    .filter((each) => each['type'] !== 'c8y_UnavailabilityAlarm');
}

function createAuthored(t: ExecutionContext): { author: Author; world: World } {
  const author = new Author();
  return { author, world: createSettled(t, { app: author.app, config: quiet }) };
}

function comeBack(world: World): void {
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  world.run(10_000);
}

test('an alarm raised during an outage survives a power cut, with its time and all its members', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  const raisedMs = world.time.epochMs;
  author.device.alarm(type, 'CRITICAL', 'Es leckt', { x_Where: ['Keller', 1] });
  t.is(stored(world).length, 1);
  world.device.powerCut();
  world.run(86_400_000);
  comeBack(world);
  const [alarm, ...others] = alarms(world);
  t.like(alarm, { type, severity: 'CRITICAL', text: 'Es leckt', status: 'ACTIVE', x_Where: ['Keller', 1] });
  t.true(Math.abs((alarm?.timeMs ?? 0) - raisedMs) < 2000);
  t.deepEqual(others, []);
  t.deepEqual(stored(world), [], 'what is told is forgotten');
});

test('a clearing that could not be sent survives a power cut', (t) => {
  const { author, world } = createAuthored(t);
  author.device.alarm(type, 'MAJOR', 'It leaks');
  world.run(1000);
  world.device.linkDown();
  author.device.clear(type);
  comeBack(world);
  t.like(alarms(world), [{ status: 'CLEARED' }]);
  t.deepEqual(stored(world), []);
});

test('only the last state counts: many changes take one stored value and raise at most one alarm', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  for (let n = 0; n < 100; n++) {
    author.device.alarm(type, 'MAJOR', `leak ${n}`);
    author.device.alarm('x_Other', 'MINOR', `other ${n}`);
    author.device.clear('x_Other');
    if (n < 99) author.device.clear(type);
    if (n % 25 === 0) world.device.reboot();
    t.is(stored(world).length, 2);
  }
  comeBack(world);
  t.like(alarms(world), [{ type, text: 'leak 99', status: 'ACTIVE' }]);
});

test('alarms of children survive, too, also of one that is declared later', (t) => {
  const author = new Author();
  let early = true;
  const app: App = (board) => {
    author.app(board);
    if (early) board.child('pump', {}).alarm(type, 'MAJOR', 'It leaks');
  };
  const world = createSettled(t, { app, config: quiet });
  world.run(5000);
  world.device.linkDown();
  world.platform.core.alarms.clear();
  world.device.reboot();
  early = false;
  comeBack(world);
  t.deepEqual(alarms(world, childOf(world, 'pump').id), []);
  author.device.child('pump', {});
  world.run(10_000);
  t.like(alarms(world, childOf(world, 'pump').id), [{ type, status: 'ACTIVE' }]);
  t.deepEqual(stored(world), []);
});

test('an alarm from before the time was known, with a power cut: the latest possible time, marked as estimated', (t) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: quiet });
  world.device.linkDown();
  world.device.reboot();
  world.run(10_000);
  author.device.alarm(type, 'MAJOR', 'It leaks');
  world.run(10_000);
  world.device.powerCut();
  world.run(1000);
  const startMs = world.time.epochMs;
  world.device.linkUp();
  world.device.start();
  settle(world);
  const [alarm] = alarms(world);
  t.like(alarm, { type, fractus_TimeEstimated: true });
  t.true(Math.abs((alarm?.timeMs ?? 0) - startMs) < 2000);
});

test('an alarm from before the time was known, which was learnt before the power cut: its true time', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.device.reboot();
  world.run(10_000);
  const raisedMs = world.time.epochMs;
  author.device.alarm(type, 'MAJOR', 'It leaks');
  world.run(60_000);
  world.platform.order({ kind: 'dropBefore', path, times: 1000 });
  world.device.linkUp();
  settle(world);
  world.platform.cancel();
  comeBack(world);
  const [alarm] = alarms(world);
  t.is(alarm?.['fractus_TimeEstimated'], undefined);
  t.true(Math.abs((alarm?.timeMs ?? 0) - raisedMs) < 2000);
});

test('an alarm is sent although flash is full or refuses', (t) => {
  const { author, world } = createAuthored(t);
  world.device.machine.flash.refusing = true;
  author.device.alarm(type, 'MAJOR', 'It leaks');
  world.run(5000);
  t.like(alarms(world), [{ type, status: 'ACTIVE' }]);
  t.true(logged(world, `warn: alarm ${type}: the flash refuses it`));
  world.device.machine.flash.refusing = false;
  world.device.linkDown();
  for (let n = 0; n < 20; n++) author.device.alarm(`x_Large${n}`, 'MINOR', 'x'.repeat(1500));
  t.true(stored(world).length < 10, 'some room stays for what else has to be kept');
  world.device.linkUp();
  world.run(60_000);
  t.is(alarms(world).length, 21);
  t.deepEqual(stored(world), []);
});

test('a rule without a violation after a start writes nothing', (t) => {
  const world = createSettled(t);
  world.run(120_000);
  const { writes } = world.device.machine.flash;
  world.device.reboot();
  settle(world);
  world.run(3_600_000);
  t.true(calls(world, 'GET', path).length > 0, 'but it has looked');
  t.is(world.device.machine.flash.writes, writes);
});

for (const point of ['before', 'half', 'after'] as const) {
  test(`a power cut ${point} any write of an alarm's life: the final state is right`, (t) => {
    for (let write = 1; write <= 6; write++) {
      const author = new Author();
      const world = new World({ app: author.app, config: quiet, seed: write });
      world.start();
      settle(world);
      world.device.cutAtWrite(write, point);
      const acts = [
        () => author.device.alarm(type, 'MAJOR', 'first'),
        () => author.device.clear(type),
        () => author.device.alarm(type, 'MAJOR', 'second'),
      ];
      /** The number of active alarms after each number of steps. */
      const wanted = [0, 1, 0, 1];
      let begun = 0;
      let taken = 0;
      while (begun < acts.length && world.device.powered) {
        acts[begun++]?.();
        if (world.device.powered) taken = begun;
        if (begun === 1) world.run(5000);
      }
      world.run(5000);
      world.start();
      settle(world);
      world.run(10_000);
      const active = alarms(world).filter((each) => each['status'] === 'ACTIVE');
      // The state after the completed steps, or after the step that the cut interrupted.
      const allowed = [wanted[taken], wanted[begun]];
      t.true(allowed.includes(active.length), `write ${write}: ${active.length} active, ${taken} taken`);
      t.deepEqual(stored(world), [], `write ${write}`);
      t.notThrows(() => world.finish(), `write ${write}`);
    }
  });
}
