// SPDX-License-Identifier: Apache-2.0
/** `shell()`: answers and effects of its commands, and their ends at power cuts. */

import test from 'ava';
import { app as usualApp } from '../../../src/app.ts';
import { logs } from '../../../src/capabilities/index.ts';
import { type App, measurement } from '../../../src/index.ts';
import { order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { logged, settle } from '../../agent/scene.ts';
import { answer, config, createScene, say, USUAL } from './shell-scene.ts';

const NAMES = ['help', 'status', 'sensors', 'heap', 'net', 'log', 'config', 'queue', 'inventory', 'restart'];
const NOR = { sectors: 16, sectorBytes: 4096 };

test('help lists all commands; commands of the app replace ours', (t) => {
  const app: App = (board) => {
    board.command({ name: 'valve', help: 'opens it', run: () => 'open' });
    board.command({ name: 'net', help: 'mine', run: (args) => `mine ${args}` });
  };
  const world = createScene(t, { app });
  const lines = answer(world, 'help').trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => line.split(': ')[0]),
    [...NAMES.filter((name) => name !== 'net'), 'valve', 'net'],
  );
  t.is(answer(world, 'valve'), 'open');
  t.is(answer(world, ' net  of  mine '), 'mine of  mine');
});

test('an unknown command ends FAILED with the list of commands, and a missing text as without shell', (t) => {
  const world = createScene(t, { app: (board) => board.command({ name: 'valve', help: '', run: () => '' }) });
  const list = `there are ${[...NAMES, 'valve'].join(', ')}`;
  for (const [text, reason] of [
    ['reboot now', `unknown command "reboot"; ${list}`],
    ['HELP', `unknown command "HELP"; ${list}`],
    ['constructor', `unknown command "constructor"; ${list}`],
    ['x'.repeat(3000), `unknown command "${'x'.repeat(60)}"; ${list}`],
    [' \n', 'text: missing; try the command help'],
  ] as const) {
    const operation = say(world, text);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.is(operation.failureReason, reason);
  }
});

test('a firmware with many commands lists as many as fit into a reason', (t) => {
  const app: App = (board) => {
    for (let i = 0; i < 90; i++) board.command({ name: `command${i}`, help: '', run: () => '' });
  };
  const { failureReason = '' } = say(createScene(t, { app }), 'x');
  t.true(failureReason.startsWith('unknown command "x"; there are help, '));
  t.is(failureReason.length, 400);
});

test('sensors: the last sample of each, without a new one; children too', (t) => {
  let samples = 0;
  let fails = false;
  const app: App = (board) => {
    usualApp(board);
    const sample = () => {
      samples += 1;
      if (fails) throw new Error('the wire is broken');
      return { temperature: 21.5, humidity: Number.NaN };
    };
    const reports = measurement({
      type: 'x_Air',
      fragments: { x_Air: { T: { of: 'temperature' }, H: { of: 'humidity' } } },
    });
    board.child('meter', {}).sensor({ reports, sensor: { sample } });
  };
  const world = createScene(t, { app });
  const before = samples;
  const text = answer(world, 'sensors');
  t.is(samples, before);
  t.regex(text, /^c8y_TemperatureMeasurement: temperature -?[\d.]+/m);
  t.regex(text, /^meter x_Air: temperature 21\.5$/m);
  fails = true;
  world.run(120_000);
  t.regex(answer(world, 'sensors'), /^meter x_Air: the wire is broken$/m);
  t.is(answer(createScene(t, { app: () => {} }), 'sensors'), 'there are none\n');
});

test('heap, net and queue agree with status', (t) => {
  const world = createScene(t);
  const status = answer(world, 'status').split('\n');
  for (const [name, wanted] of [
    ['heap', ['memory']],
    ['queue', ['queue', 'operations', 'alarms']],
  ] as const) {
    const shown = status.filter((line) => wanted.some((each) => line.startsWith(`${each}:`)));
    t.is(shown.length, wanted.length);
    t.deepEqual(answer(world, name).trimEnd().split('\n'), shown);
  }
  t.regex(answer(world, 'net'), /^network: up, .*\noperations: listening, .*\nplatform: https:\/\/platform\.test\n$/);
  const order = world.platform.order({
    kind: 'status',
    status: 503,
    method: 'POST',
    path: '/measurement/measurements',
    times: 99,
  });
  world.run(120_000);
  t.regex(answer(world, 'net'), /503/);
  world.platform.cancel(order);
});

test('log: the newest lines, also by text, as many as fit into a result', (t) => {
  const world = createScene(t, { capabilities: [...USUAL, logs()], machine: { nor: NOR } });
  for (let i = 0; i < 40; i++) world.device.machine.hal?.log('warn', `Line ${i}`);
  const textsOf = (text: string) => [...text.matchAll(/Line (\d+)$/gm)].map(([, number]) => Number(number));
  t.deepEqual(textsOf(answer(world, 'log 3 lINE')), [37, 38, 39]);
  t.is(textsOf(answer(world, 'log line ')).length, 20);
  t.regex(answer(world, 'log'), /^# agent: 20 lines, the newest of \d+\n/);
  t.regex(answer(world, 'log 5 neither here nor there'), /^# agent: 0 lines\n$/);
  world.run(7_200_000);
  for (let i = 0; i < 14; i++) world.device.machine.hal?.log('error', `long ${i} ${'ä'.repeat(150)}`);
  const long = answer(world, 'log 100 long');
  t.true(Buffer.byteLength(long) <= 4000);
  t.regex(long, / long 13 ä+\n$/);
  for (const count of ['0', '101', '99999999999999999999']) {
    t.regex(say(world, `log ${count}`).failureReason ?? '', /^log: \d+ lines; allowed: 1 to 100$/);
  }
  t.regex(say(createScene(t), 'log').failureReason ?? '', /^log: this firmware has none; /);
});

test('restart: SUCCESSFUL after the evidence of a later start, once', (t) => {
  const world = createScene(t);
  const operation = say(world, 'restart');
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  t.deepEqual(operation.fragments['c8y_Command'], { text: 'restart', result: 'start 2 (software)\n' });
  settle(world);
  t.is(world.device.machine.restarts.length, 1);
});

test('a restart command of the app replaces ours', (t) => {
  const app: App = (board) => board.command({ name: 'restart', help: 'the pump', run: () => 'the pump restarts' });
  const world = createScene(t, { app });
  t.is(answer(world, 'restart'), 'the pump restarts');
  t.is(world.device.machine.restarts.length, 0);
});

test('a power cut at any moment: a value is set as asked, a restart restarts at most once, and each ends once', (t) => {
  let cutBetween = 0;
  for (let cutMs = 0; cutMs < 1500; cutMs += 15) {
    const world = createScene(t);
    const first = order(world, { c8y_Command: { text: 'config set measurementInterval 77' } });
    const second = order(world, { c8y_Command: { text: 'restart' } });
    world.run(cutMs);
    if (first.status === 'EXECUTING' && config(world).includes('=77')) cutBetween += 1;
    world.device.reboot();
    runToEnd(world, [first, second], 600_000);
    t.is(first.status, 'SUCCESSFUL', `${cutMs} ms: ${first.failureReason}`);
    t.regex(config(world), /^measurementInterval=77$/m);
    if (second.status === 'FAILED') t.regex(second.failureReason ?? '', /lost power before it could restart/);
    t.true(world.device.machine.restarts.length <= 1, `${cutMs} ms`);
    for (const each of [first, second])
      t.is(statuses(each).filter((status) => status === 'FAILED' || status === 'SUCCESSFUL').length, 1);
  }
  t.true(cutBetween > 0, 'a cut between the value and the end of its operation');
});

test('a command that a power cut prevented is carried out by the next start, an async one too', async (t) => {
  let calls = 0;
  const app: App = (board) => {
    board.command({
      name: 'late',
      help: '',
      async run() {
        calls += 1;
        throw new Error('the pump is stuck');
      },
    });
  };
  const world = createScene(t, { app });
  world.onRequest = ({ method, path }) => !(method === 'PUT' && path.includes('/devicecontrol/operations/'));
  const operation = order(world, { c8y_Command: { text: 'late' } });
  world.run(2000);
  operation.status = 'EXECUTING';
  world.onRequest = undefined;
  world.device.reboot();
  world.runUntil(() => calls === 1, 600_000);
  await new Promise((resolve) => setImmediate(resolve));
  runToEnd(world, [operation]);
  t.is(calls, 1);
  t.is(operation.failureReason, 'the pump is stuck');
  t.false(logged(world, 'panic'));
});
