// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { measurement } from '../../src/index.ts';
import { alarmsOf, eventsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { createAuthored, names, sentSince } from './app-scene.ts';
import { order, runToEnd } from './operations/operating.ts';
import { Author, quiet } from './records/reporting.ts';
import { bodyOf, calls, createSettled, createWorld, objectOf, settle } from './scene.ts';

test('a sensor in ten lines and an operation in fifteen: the author writes nothing else', (t) => {
  const STEAM = measurement({
    type: 'x_SteamMeasurement',
    fragments: { x_Steam: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
  });
  const world = createSettled(t, {
    app: (board) => {
      board.sensor({
        reports: STEAM,
        sensor: { sample: () => ({ temperature: 96.5 }) },
        rules: [{ of: 'temperature', above: 95, back: 90, type: 'x_Steam', severity: 'MINOR', text: 'It steams' }],
      });
      board.operation({
        name: 'c8y_Relay',
        inventory: () => ({ c8y_Relay: { relayState: 'OPEN' } }),
        run(operation) {
          const relayState = operation.text('relayState');
          if (relayState !== 'OPEN' && relayState !== 'CLOSED') {
            return operation.fail(`relayState: "${relayState}" is not allowed; allowed: OPEN or CLOSED`);
          }
          board.hal.actuators['relay']?.write(relayState === 'CLOSED' ? 1 : 0);
          operation.fragment('c8y_Relay', { relayState });
          operation.succeed();
        },
      });
    },
  });
  const device = objectOf(world);
  t.deepEqual(device.fragments['c8y_Relay'], { relayState: 'OPEN' });
  t.true((device.fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Relay'));
  t.like(measurementsOf(world.platform, device.id)[0]?.fragments, {
    type: 'x_SteamMeasurement',
    x_Steam: { T: { value: 96.5, unit: '°C' } },
  });
  t.like(alarmsOf(world.platform, device.id)[0]?.fragments, { type: 'x_Steam', severity: 'MINOR', text: 'It steams' });
  const [good, bad] = [order(world, { c8y_Relay: { relayState: 'CLOSED' } }), order(world, { c8y_Relay: {} })];
  runToEnd(world, [good, bad]);
  t.is(good.status, 'SUCCESSFUL');
  t.deepEqual(device.fragments['c8y_Relay'], { relayState: 'CLOSED' });
  t.is(world.device.machine.outputs['relay'], 1);
  t.is(bad.failureReason, 'relayState: "undefined" is not allowed; allowed: OPEN or CLOSED');
});

test('an app may report before the start; everything arrives after registration, with its time', (t) => {
  const author = new Author();
  const world = createWorld(t, {
    config: quiet,
    app: (board) => {
      author.app(board);
      board.measure('x_Early', { x_Early: { n: { value: 1 } } });
      board.event('x_Early', 'early');
      board.alarm('x_Early', 'WARNING', 'early');
      board.clear('x_Other');
      board.fragment('x_Early', { early: true });
      board.position(51.5, 6.25, 70);
    },
  });
  world.start();
  settle(world);
  const { id, fragments } = objectOf(world);
  t.is(measurementsOf(world.platform, id).length, 1);
  t.deepEqual(
    eventsOf(world.platform, id).map((event) => event.fragments['type']),
    ['x_Early', 'c8y_LocationUpdate'],
  );
  t.is(alarmsOf(world.platform, id).length, 1);
  t.deepEqual(fragments['x_Early'], { early: true });
  t.deepEqual(fragments['c8y_Position'], { lat: 51.5, lng: 6.25, alt: 70 });
  const creation = bodyOf(calls(world, 'POST', '/inventory/managedObjects')[0]);
  t.deepEqual(creation['x_Early'], { early: true }, 'part of the creation');
  const startMs = world.platform.core.now() - world.time.nowMs;
  for (const { timeMs } of [...measurementsOf(world.platform, id), ...eventsOf(world.platform, id)]) {
    t.true(Math.abs(timeMs - startMs) < 2000);
  }
});

test('an app may report while the link is down', (t) => {
  const { author, world } = createAuthored(t);
  const { id } = objectOf(world);
  world.device.linkDown();
  world.run(10_000);
  const since = world.platform.core.now();
  const { device } = author;
  device.measure('x_Late', { x_Late: { n: { value: 1, unit: 'm' } } });
  device.event('x_Late', 'late', { x_Custom: { a: [1, 'b', null, true] } });
  device.alarm('x_Late', 'CRITICAL', 'late', { x_Custom: 'c' });
  device.fragment('x_Late', [1, 2]);
  device.position(-33.9, 18.4);
  world.run(300_000);
  world.device.linkUp();
  world.run(20_000);
  const [measured] = measurementsOf(world.platform, id).slice(-1);
  t.deepEqual(measured?.fragments, { type: 'x_Late', x_Late: { n: { value: 1, unit: 'm' } } });
  const [event, move] = eventsOf(world.platform, id);
  t.deepEqual(event?.fragments, { type: 'x_Late', text: 'late', x_Custom: { a: [1, 'b', null, true] } });
  t.deepEqual(move?.fragments['c8y_Position'], { lat: -33.9, lng: 18.4 });
  const [alarm] = alarmsOf(world.platform, id);
  t.like(alarm?.fragments, { type: 'x_Late', severity: 'CRITICAL', text: 'late', status: 'ACTIVE', x_Custom: 'c' });
  for (const record of [measured, event, move, alarm]) t.true(Math.abs((record?.timeMs ?? 0) - since) < 1500);
  t.deepEqual(objectOf(world).fragments['x_Late'], [1, 2]);
});

test('a position outside the globe is refused and not sent', (t) => {
  const { author, world } = createAuthored(t);
  const before = world.requests;
  const wrong: [number, number, number?][] = [
    [95, 7],
    [-90.001, 7],
    [50, 180.5],
    [50, -181],
    [Number.NaN, 7],
    [50, Number.POSITIVE_INFINITY],
    [50, 7, Number.NaN],
    [50, 7, 2e6],
    ['50' as unknown as number, 7, -20_000],
  ];
  for (const each of wrong) {
    t.throws(() => author.device.position(...each), { instanceOf: RangeError, message: /position: .*allowed: / });
  }
  world.run(5000);
  t.deepEqual(calls(world, 'POST', '/event/events', before), []);
  author.device.position(-90, 180, 0);
  world.run(5000);
  t.deepEqual(objectOf(world).fragments['c8y_Position'], { lat: -90, lng: 180, alt: 0 });
});

test('position: the event keeps the track, the inventory the current position', (t) => {
  const { author, world } = createAuthored(t);
  const { id } = objectOf(world);
  for (let i = 0; i < 5; i++) {
    author.device.position(50 + i / 10, 7, 100 + i);
    world.run(1000);
  }
  t.deepEqual(objectOf(world).fragments['c8y_Position'], { lat: 50.4, lng: 7, alt: 104 });
  const trace = eventsOf(world.platform, id);
  t.is(trace.length, 5);
  trace.forEach(({ fragments }, i) => {
    t.like(fragments, { type: 'c8y_LocationUpdate', c8y_Position: { lat: 50 + i / 10, lng: 7, alt: 100 + i } });
    t.truthy(fragments['text']);
  });
});

for (const name of names) {
  test(`a name that the platform cannot address is refused at once: ${JSON.stringify(name.slice(0, 20))}`, (t) => {
    const { author, world } = createAuthored(t);
    const { device } = author;
    const before = world.requests;
    const refused = (what: string, call: () => void) =>
      t.throws(call, { instanceOf: RangeError, message: /is not allowed/ }, what);
    refused('measurement type', () => device.measure(name, { x_A: { n: { value: 1 } } }));
    refused('fragment of a measurement', () => device.measure('x_A', { [name]: { n: { value: 1 } } }));
    refused('series of a measurement', () => device.measure('x_A', { x_A: { [name]: { value: 1 } } }));
    refused('fragment of an event', () => device.event('x_A', 'text', { [name]: 1 }));
    refused('alarm type', () => device.alarm(name, 'MINOR', 'text'));
    refused('fragment of an alarm', () => device.alarm('x_A', 'MINOR', 'text', { [name]: 1 }));
    refused('fragment', () => device.fragment(name, 1));
    refused('operation', () => device.operation({ name, run: () => {} }));
    refused('template', () => measurement({ type: name, fragments: { x_A: { n: { of: 'n' } } } }));
    refused('fragment of a template', () => measurement({ type: 'x_A', fragments: { [name]: { n: { of: 'n' } } } }));
    refused('series of a template', () => measurement({ type: 'x_A', fragments: { x_A: { [name]: { of: 'n' } } } }));
    world.run(60_000);
    t.deepEqual(sentSince(world, before), []);
  });
}

test('wrong declarations throw: rules, templates, children', (t) => {
  const { author } = createAuthored(t);
  const reports = measurement({ type: 'x_A', fragments: { x_A: { n: { of: 'n' } } } });
  const sensor = { sample: () => ({ n: 1 }) };
  const rule = { of: 'n', type: 'x_Alarm', severity: 'MINOR', text: 'x' } as const;
  t.throws(() => author.device.sensor({ reports, sensor, rules: [rule] }), { message: /either above or below/ });
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, below: 2 }] }));
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, back: 2 }] }));
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, type: 'a b' }] }));
  t.throws(() => measurement({ type: 'x_A', fragments: {} }), { message: /0 series/ });
  t.throws(() => measurement({ type: 'x_A', fragments: { x_A: { n: { of: 'n', decimals: 7 } } } }));
  t.throws(() => author.device.child('a b', {}), { message: /not allowed as an id/ });
});
