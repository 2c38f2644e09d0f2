// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type App, type AppBoard, measurement } from 'fractus';
import { ongoingEvent } from 'fractus/events';
import { dutyCycle, sleep } from 'fractus/sleep';
import { World } from 'fractus/test';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const AIR = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', unit: '°C' } } } });

function createWorld(app: App, temperature = () => 20) {
  const sensors = { thermometer: { sample: () => ({ temperature: temperature() }) } };
  const world = new World({
    app,
    machine: { sensors, sleeps: true, nor: { sectors: 16 } },
    config: { requiredAvailability: '150' },
  });
  world.connect();
  return world;
}

/** Work for so long. */
function takes(board: AppBoard, ms: number): void {
  board.operation({
    name: 'acme_Work',
    timeoutMs: 3 * HOUR_MS,
    run: (operation, { hal }) => hal.createTimer(() => operation.succeed()).start(ms),
  });
}

test('an operation in hand is carried out before the board sleeps', (t) => {
  const world = createWorld((board) => {
    takes(board, 10 * MINUTE_MS);
    dutyCycle(board, { wakeS: 900, sendS: 3600 });
  });
  world.run(HOUR_MS);
  const operation = world.operate({ acme_Work: {} }, { withinMs: 2 * HOUR_MS });
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  const { bootCount } = world.device.machine;
  world.run(HOUR_MS);
  t.true(world.device.machine.bootCount > bootCount, 'and then it sleeps');
  world.finish();
});

test('a new firmware on trial is not given up by a sleep while its platform is away for minutes', (t) => {
  const world = new World({
    app: (board) => dutyCycle(board, { wakeS: 900, sendS: 3600 }),
    machine: { sleeps: true, firmwareBytes: 1000 },
    config: { requiredAvailability: '150' },
  });
  const { machine } = world.device;
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  world.network.decide = () => 'hang';
  world.start();
  world.run(10 * MINUTE_MS);
  t.true(machine.hal?.firmware?.onTrial);
  world.network.decide = () => 'accept';
  world.run(10 * MINUTE_MS);
  t.like(machine.slots, { onTrial: false, rolledBack: false });
  t.true(world.device.lines.some((line) => line.includes('the new firmware is kept')));
  world.run(HOUR_MS);
  t.true(machine.bootCount > 1, 'and then it sleeps');
});

test('an operation that does not end keeps it awake for an hour at most', (t) => {
  const world = createWorld((board) => {
    takes(board, 2.5 * HOUR_MS);
    sleep(board, 900_000);
  });
  world.run(MINUTE_MS);
  const operation = world.operate({ acme_Work: {} }, { withinMs: 3 * HOUR_MS });
  t.is(operation.status, 'FAILED');
  world.finish();
});

test('an alarm that finds no platform turns the radio on out of turn once, and then waits for its hour', (t) => {
  let temperature = 20;
  const world = createWorld(
    (board) => {
      const { thermometer } = board.hal.sensors;
      if (thermometer === undefined) return;
      const rule = { of: 'temperature', above: 50, type: 'acme_Hot', severity: 'MAJOR', text: 'too hot' } as const;
      board.sensor({ reports: AIR, sensor: thermometer, rules: [rule] });
      dutyCycle(board, { wakeS: 900, sendS: 3600 });
    },
    () => temperature,
  );
  world.run(HOUR_MS + MINUTE_MS);
  world.device.linkDown();
  temperature = 60;
  const before = world.device.machine.radioMs;
  world.run(6 * HOUR_MS);
  const radioMs = world.device.machine.radioMs - before;
  t.true(radioMs < 8 * 130_000, `${radioMs} ms in six hours`);
  world.device.linkUp();
  world.run(HOUR_MS + MINUTE_MS);
  t.is(world.alarms.filter(({ fragments }) => fragments['type'] === 'acme_Hot').length, 1);
  world.finish();
});

test('an update of an event is sent before the board sleeps', (t) => {
  const world = createWorld((board) => {
    const door = ongoingEvent(board, 'acme_Door', 'The door is open');
    door.update('The door is shut');
    sleep(board, 900_000);
  });
  world.platform.order({ kind: 'delay', ms: 9000, method: 'GET', path: '/event/events' });
  world.run(MINUTE_MS);
  const [door] = world.events.filter(({ fragments }) => fragments['type'] === 'acme_Door');
  t.is(door?.fragments['text'], 'The door is shut');
  t.is(world.device.machine.bootCount, 1);
  world.run(HOUR_MS / 2);
  t.true(world.device.machine.bootCount > 1, 'and then it sleeps');
  world.finish();
});
