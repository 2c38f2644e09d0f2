// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createRandom } from '../../hal/common/random.ts';
import type { App } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';
import { eventsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { childOf } from './operations/operating.ts';
import { createAuthored, nor, numbers, raw, small } from './persisting.ts';
import { Author, counted, queue, quiet, range } from './records/reporting.ts';
import { createSettled, createWorld, objectOf, settle } from './scene.ts';

const path = '/measurement/measurements';

test('waiting measurements and events survive power cuts and arrive once, in order, with their time', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  const takenMs = world.time.epochMs;
  author.count(1, 60);
  for (let n = 1; n <= 3; n++) author.device.event('x_Event', `event ${n}`, { x_Number: n });
  world.device.powerCut();
  world.run(86_400_000);
  world.device.start();
  world.run(1000);
  author.count(61, 62);
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  world.run(60_000);
  t.deepEqual(counted(world), range(1, 62));
  t.deepEqual(numbers(world), [1, 2, 3]);
  for (const { timeMs } of measurementsOf(world.platform, objectOf(world).id).slice(0, 60)) {
    t.true(Math.abs(timeMs - takenMs) < 2000, new Date(timeMs).toISOString());
  }
  t.deepEqual(queue(world), { waiting: 0, lost: 0 });
  world.device.reboot();
  settle(world);
  t.deepEqual(counted(world), range(1, 62), 'and not again');
});

test("a sensor's values survive power cuts in the format of their template, also those of children", (t) => {
  let level = 0;
  const reports = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
  const app: App = (board) => {
    board.child('other', {});
    const tank = board.child('tank', {});
    tank.sensor({ reports, sensor: { sample: () => ({ level: ++level }) } });
  };
  const world = createSettled(t, { app, machine: { nor } });
  world.device.linkDown();
  world.run(600_000);
  world.device.powerCut();
  world.device.linkUp();
  world.device.start();
  settle(world);
  const all = measurementsOf(world.platform, childOf(world, 'tank').id);
  t.deepEqual(
    all.map(({ fragments }) => (fragments['level'] as { L: { value: number } }).L.value),
    range(1, level),
  );
  t.true(level > 10);
});

test("a child's waiting records stay with it, whatever its position; those of one that never returns are lost", (t) => {
  const author = new Author();
  let ids = ['left', 'right'];
  const app: App = (board) => {
    author.app(board);
    for (const id of ids) {
      const child = board.child(id, {});
      if (world === undefined) continue;
      child.measure('x_Hello', { x_Hello: { n: { value: id.length } } });
    }
  };
  let world: World | undefined;
  world = createWorld(t, { app, config: quiet, machine: { nor } });
  world.start();
  settle(world);
  world.device.linkDown();
  world.device.reboot();
  ids = ['right'];
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  const values = (id: string) =>
    measurementsOf(world.platform, childOf(world, id).id).map(
      ({ fragments }) => (fragments['x_Hello'] as { n: { value: number } }).n.value,
    );
  world.run(60_000);
  t.deepEqual(values('left'), [4], 'for now it waits');
  world.run(300_000);
  author.count(1, 1);
  world.run(10_000);
  t.deepEqual(values('left'), [4]);
  t.deepEqual(values('right'), [5, 5, 5]);
  t.deepEqual(counted(world), [1]);
  const lost = eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['fractus_DataLost']);
  t.deepEqual(lost, [{ count: 1, of: 'measurements' }]);
});

test('a measurement that the new firmware does not know is dropped in the end and reported', (t) => {
  const author = new Author();
  const write = (name: string): App => {
    const reports = measurement({ type: name, fragments: { [name]: { L: { of: 'level' } } } });
    return (board) => {
      author.app(board);
      board.sensor({ reports, sensor: { sample: () => ({ level: 1 }) } });
    };
  };
  let app = write('x_Old');
  const world = createSettled(t, { app: (board) => app(board), config: quiet, machine: { nor } });
  world.device.linkDown();
  world.device.reboot();
  world.run(1000);
  author.count(1, 2);
  app = write('x_New');
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  world.run(10_000);
  t.is(queue(world).waiting, 4, 'what writes it may still be declared');
  world.run(300_000);
  author.count(3, 3);
  world.run(5000);
  const types = measurementsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']);
  t.deepEqual(types, ['x_Old', 'x_Count', 'x_Count', 'x_New', 'x_Count']);
  const lost = eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['fractus_DataLost']);
  t.deepEqual(lost, [{ count: 1, of: 'measurements' }]);
});

test('when the flash is full the oldest measurements go; an event counts them, also after power cuts', (t) => {
  const { author, world } = createAuthored(t, { flash: small });
  author.device.event('x_Event', 'event 1', { x_Number: 1 });
  world.run(1000);
  world.device.linkDown();
  world.run(1000);
  author.device.event('x_Event', 'event 2', { x_Number: 2 });
  for (let n = 1; n <= 200; n += 40) {
    author.count(n, n + 39);
    world.device.reboot();
    world.run(1000);
  }
  world.device.linkUp();
  settle(world);
  world.run(60_000);
  const arrived = counted(world);
  const first = arrived[0] ?? 0;
  t.true(first > 150 && first < 190, `from ${first}`);
  t.deepEqual(arrived, range(first, 200));
  const events = eventsOf(world.platform, objectOf(world).id);
  t.deepEqual(
    events.map(({ fragments }) => fragments['type']),
    ['x_Event', 'x_Event', 'fractus_DataLost'],
  );
  t.deepEqual(events[2]?.fragments['fractus_DataLost'], { count: first - 1, of: 'measurements' });
  t.is(events[2]?.fragments['text'], `${first - 1} measurements were lost: there was no room for them`);
  world.device.reboot();
  settle(world);
  t.is(eventsOf(world.platform, objectOf(world).id).length, 3, 'told once');
});

test('samples from before the time was known get their true time, also after a power cut', (t) => {
  const author = new Author();
  const world = createWorld(t, { app: author.app, config: quiet, machine: { nor, linkUp: false } as object });
  world.device.linkDown();
  world.start();
  const starts = [world.time.epochMs];
  world.run(10_000);
  author.count(1, 1);
  world.run(20_000);
  author.count(2, 2);
  world.run(70_000);
  // The second start learns the time before the power fails again.
  world.platform.order({ kind: 'dropBefore', path, times: 1000 });
  world.device.reboot();
  starts.push(world.time.epochMs);
  world.run(5000);
  author.count(3, 3);
  world.device.linkUp();
  settle(world);
  t.deepEqual(counted(world), []);
  world.device.powerCut();
  world.platform.cancel();
  world.run(3_600_000);
  world.device.start();
  settle(world);
  world.run(60_000);
  t.deepEqual(counted(world), [1, 2, 3]);
  const [first, second, third] = measurementsOf(world.platform, objectOf(world).id);
  const at = (start: number, ms: number) => (starts[start] ?? 0) + ms;
  t.true(Math.abs((third?.timeMs ?? 0) - at(1, 5000)) < 2000, 'the boot that learned the time');
  t.is(third?.fragments['fractus_TimeEstimated'], undefined);
  // The boot that never learnt the time: the latest possible time, marked as estimated. The next boot bounds it.
  t.true(first?.fragments['fractus_TimeEstimated'] === true && second?.fragments['fractus_TimeEstimated'] === true);
  t.is((second?.timeMs ?? 0) - (first?.timeMs ?? 0), 20_000);
  t.true((second?.timeMs ?? 0) >= at(0, 30_000) && (second?.timeMs ?? 0) <= at(1, 2000));
});

test('a batch whose answer was lost is sent again; no other is', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  author.count(1, 120);
  world.device.linkUp();
  world.runUntil(() => counted(world).length === 50, 60_000);
  // The platform has taken the second batch, and its answer is lost.
  world.runUntil(() => counted(world).length === 100, 60_000);
  world.device.powerCut();
  world.device.start();
  settle(world);
  world.run(60_000);
  t.deepEqual(counted(world), [...range(1, 100), ...range(51, 120)]);
});

test('a power cut at any byte of flash: taken records arrive in order, and twice only if their answer was lost', (t) => {
  const run = (cut: number) => {
    const author = new Author();
    const world = new World({ app: author.app, config: quiet, machine: { nor: small }, seed: cut + 1 });
    world.start();
    settle(world);
    const begun = raw(world).steps;
    if (cut > 0) raw(world).cutAtStep(cut);
    let taken = 0;
    world.device.linkDown();
    for (let n = 1; n <= 12 && world.device.powered; n++) {
      author.count(n, n);
      if (world.device.powered) taken = n;
      if (n === 6) world.device.linkUp();
      if (n % 3 === 0) world.run(5000);
    }
    world.run(5000);
    const steps = raw(world).steps - begun;
    world.device.linkUp();
    world.start();
    settle(world);
    world.run(60_000);
    return { world, taken, steps };
  };
  const whole = run(0);
  t.deepEqual(counted(whole.world), range(1, 12));
  t.true(whole.steps > 600, `${whole.steps} steps`);
  const random = createRandom(5);
  for (let cut = 1; cut <= whole.steps; cut += 1 + Math.floor(random() * 6)) {
    const { world, taken } = run(cut);
    const arrived = counted(world);
    const once = [...new Set(arrived)];
    t.true(once.length === taken || once.length === taken + 1, `cut ${cut}: ${arrived} of ${taken}`);
    t.deepEqual(once, range(1, once.length), `cut ${cut}`);
    // All repeated records were in one request.
    const twice = arrived.filter((n, i) => arrived.indexOf(n) !== i);
    t.true(twice.length <= 6, `cut ${cut}: ${arrived}`);
    t.is(raw(world).breaches, 0);
    t.notThrows(() => world.finish());
  }
});
