// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { measurement, type RuleDefinition } from '../../../src/index.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, objectOf, settle } from '../scene.ts';

const REPORT = measurement({ type: 'x_Level', fragments: { x_Level: { level: { of: 'level' } } } });
const intervalMs = 10_000;

interface Gauge {
  level: number;
}

function createGauge(t: ExecutionContext, rule: Omit<RuleDefinition, 'of' | 'type' | 'severity' | 'text'>) {
  const gauge: Gauge = { level: 50 };
  const world = createSettled(t, {
    config: { measurementInterval: String(intervalMs / 1000) },
    app: (board) => {
      board.sensor({
        reports: REPORT,
        sensor: { sample: () => ({ level: gauge.level }) },
        rules: [{ of: 'level', type: 'x_Level', severity: 'CRITICAL', text: 'The level is wrong', ...rule }],
      });
    },
  });
  return { gauge, world };
}

function states(world: World): unknown[] {
  return alarmsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['status']);
}

/** Samples each level once; returns the number of alarms and the state of the last one after each. */
function play(world: World, gauge: Gauge, levels: readonly number[]): string[] {
  return levels.map((level) => {
    gauge.level = level;
    world.run(intervalMs);
    const all = states(world);
    return `${all.length}${all.at(-1) === 'ACTIVE' ? '!' : ''}`;
  });
}

test('above: raised beyond the limit, cleared at it', (t) => {
  const { gauge, world } = createGauge(t, { above: 90 });
  t.deepEqual(play(world, gauge, [89, 90, 90.5, 200, 90.1, 90, 95, 89]), ['0', '0', '1!', '1!', '1!', '1', '2!', '2']);
});

test('below: raised beyond the limit, cleared at it', (t) => {
  const { gauge, world } = createGauge(t, { below: 10 });
  t.deepEqual(play(world, gauge, [11, 10, 9.9, -200, 9, 10, 5, 11]), ['0', '0', '1!', '1!', '1!', '1', '2!', '2']);
});

test('hysteresis: a value that swings around the limit raises one alarm', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, back: 80 });
  t.deepEqual(play(world, gauge, [91, 89, 91, 85, 91, 80.1, 92, 80, 89, 90, 91, 79]), [
    ...['1!', '1!', '1!', '1!', '1!', '1!', '1!', '1', '1', '1', '2!', '2'],
  ]);
  const { gauge: low, world: other } = createGauge(t, { below: 10, back: 20 });
  t.deepEqual(play(other, low, [9, 11, 9, 19.9, 20, 10, 9]), ['1!', '1!', '1!', '1!', '1', '1', '2!']);
});

test('minimum time: the condition must hold this long', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, forS: 30 });
  t.deepEqual(play(world, gauge, [91, 91, 91, 80, 91, 91, 91, 91, 91, 80]), [
    ...['0', '0', '0', '0', '0', '0', '0', '1!', '1!', '1'],
  ]);
});

test('minimum time and hysteresis together', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, back: 80, forS: 20 });
  t.deepEqual(play(world, gauge, [91, 85, 91, 91, 91, 85, 79, 91, 91, 91]), [
    ...['0', '0', '0', '0', '1!', '1!', '1', '1', '1', '2!'],
  ]);
});

test('invalid readings change nothing', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, forS: 20 });
  const none = Number.NaN;
  t.deepEqual(play(world, gauge, [91, none, 91, none, none, 80, none]), ['0', '0', '1!', '1!', '1!', '1', '1']);
});

test('after a restart no second alarm is raised, and none is left active', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, back: 80 });
  play(world, gauge, [95]);
  world.device.reboot();
  settle(world);
  t.deepEqual(play(world, gauge, [95, 85]), ['1!', '1!']);
  world.device.reboot();
  settle(world);
  t.deepEqual(play(world, gauge, [85, 79]), ['1!', '1'], 'in between says nothing');
  gauge.level = 95;
  play(world, gauge, [95]);
  world.device.powerCut();
  gauge.level = 50;
  world.device.start();
  settle(world);
  t.is(play(world, gauge, [50])[0], '2', 'it ended while the power was off');
});

test('a day near the limit: one request for each change', (t) => {
  const { gauge, world } = createGauge(t, { above: 90, back: 89 });
  const before = world.requests;
  const levels = Array.from({ length: 600 }, (_, i) => (i % 60 < 30 ? 91 : 80));
  play(world, gauge, levels);
  t.is(states(world).length, 10);
  t.is(calls(world, 'POST', '/alarm/alarms', before).length, 10);
  t.is(calls(world, 'PUT', '/alarm/alarms/*', before).length, 10);
  t.is(calls(world, 'GET', '/alarm/alarms', before).length, 0);
});

test('an alarm that begins while the link is down has the time of its begin', (t) => {
  const { gauge, world } = createGauge(t, { above: 90 });
  world.device.linkDown();
  gauge.level = 95;
  world.run(intervalMs);
  const since = world.platform.core.now();
  world.run(300_000);
  world.device.linkUp();
  world.run(10_000);
  const [alarm] = alarmsOf(world.platform, objectOf(world).id);
  t.true(Math.abs((alarm?.timeMs ?? 0) - since) <= intervalMs + 1500);
});

test('a condition that came and went while the link was down leaves no active alarm', (t) => {
  const { gauge, world } = createGauge(t, { above: 90 });
  world.device.linkDown();
  gauge.level = 95;
  world.run(60_000);
  gauge.level = 50;
  world.run(60_000);
  world.device.linkUp();
  world.run(20_000);
  t.false(states(world).includes('ACTIVE'));
});
