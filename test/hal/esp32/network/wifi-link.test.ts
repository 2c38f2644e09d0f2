// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from './wifi-world.ts';

test('it comes up, and tells so once', (t) => {
  const world = new World({ wifiName: 'Barn', wifiPassword: 'hay' });
  world.reachable.add('Barn');
  world.start();
  t.deepEqual(world.radio.attempts, ['Barn/hay']);
  t.deepEqual(world.changes, [true]);
  t.is(world.link.address, '192.168.1.2');
  t.is(world.link.signalDbm, -60);
  t.true(world.idle);
});

test('without a network it waits longer and longer, a minute at most, and for ever', (t) => {
  const world = new World({ wifiName: 'Barn' });
  world.start();
  const times: number[] = [];
  for (let count = 0; world.nowMs < 3_600_000; world.pass(1000)) {
    if (world.radio.attempts.length > count) times.push(world.nowMs);
    count = world.radio.attempts.length;
  }
  const waits = times.slice(1).map((time, at) => time - (times[at] ?? 0) - 30_000);
  t.deepEqual(waits.slice(0, 8), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  world.reachable.add('Barn');
  world.pass(120_000);
  t.true(world.link.up);
  t.deepEqual(world.changes, [true]);
});

test('a refusal by all networks is reported once, and again after the next loss', (t) => {
  const world = new World({ wifiName: 'Barn', wifiPassword: 'straw', wifiName2: 'House' });
  world.start();
  world.radio.refuses = true;
  world.pass(600_000);
  t.deepEqual(world.lines, ['Wi-Fi: no network joined; wrong name or password, out of reach, or not on 2.4 GHz']);
  world.reachable.add('House');
  world.pass(120_000);
  t.true(world.link.up);
  world.radio.change(200);
  world.pass(60_000);
  t.is(world.lines.length, 1, 'it is back at once');
  world.reachable.clear();
  world.radio.change(200);
  world.pass(600_000);
  t.is(world.lines.length, 2);
});

test('several networks are tried in turn, each with its own password', (t) => {
  const world = new World({
    wifiName: 'Barn',
    wifiPassword: 'hay',
    wifiName2: 'House',
    wifiPassword2: 'bread',
    wifiName3: 'Open',
  });
  world.reachable.add('Open');
  world.start();
  world.pass(70_000);
  t.deepEqual(world.radio.attempts, ['Barn/hay', 'House/bread', 'Open']);
  t.true(world.link.up);
});

test('a lost network is tried again first, after a second', (t) => {
  const world = new World({ wifiName: 'Barn', wifiName3: 'House' });
  world.reachable.add('House');
  world.start();
  world.pass(60_000);
  t.true(world.link.up);
  world.radio.change(200);
  t.false(world.link.up);
  world.pass(1000);
  t.deepEqual(world.radio.attempts, ['Barn', 'House', 'House']);
  t.deepEqual(world.changes, [true, false, true]);
});

test('reset() takes it down for a second', (t) => {
  const world = new World({ wifiName: 'Barn' });
  world.reachable.add('Barn');
  world.start();
  world.link.reset();
  t.false(world.link.up);
  world.pass(999);
  t.false(world.link.up);
  world.pass(1);
  t.deepEqual(world.changes, [true, false, true]);
});

test('a late address, after reset(), is no reason to stop trying', (t) => {
  const world = new World({ wifiName: 'Barn', wifiName2: 'House' });
  world.reachable.add('Barn');
  world.start();
  world.link.reset();
  world.radio.change(500);
  world.radio.change(200);
  world.pass(60_000);
  t.true(world.link.up);
  t.false(world.radio.attempts.includes('House'));
});

test('an address that is lost while the network stays has a deadline, too', (t) => {
  const world = new World({ wifiName: 'Barn' });
  world.reachable.add('Barn');
  world.start();
  world.radio.change(400);
  t.false(world.link.up);
  world.pass(29_999);
  t.is(world.radio.attempts.length, 1, 'it may get another one');
  world.radio.change(500);
  t.true(world.link.up);
  t.true(world.idle);
  world.radio.change(400);
  world.radio.change(400);
  world.pass(31_000);
  t.true(world.link.up);
  t.deepEqual(world.radio.attempts, ['Barn', 'Barn']);
});

test('close() ends all of it', (t) => {
  const world = new World({ wifiName: 'Barn' });
  world.start();
  world.link.close();
  t.true(world.idle);
  t.true(world.radio.closed);
  t.deepEqual(world.changes, []);
});

test('without a name there is nothing to do', (t) => {
  const world = new World({});
  world.start();
  world.link.reset();
  t.true(world.idle);
  t.false(world.link.up);
  t.regex(world.lines[0] ?? '', /^wifiName: not set, so there is no network/);
});

test('the radio sleeps as the configuration says, or as ESP-IDF has it', (t) => {
  for (const [wifiPowerSave, modes] of [
    ['no', [0]],
    ['max', [2]],
    ['constructor', []],
    [undefined, []],
  ] as const) {
    const world = new World({ wifiName: 'Barn', wifiPowerSave });
    world.start();
    t.deepEqual(world.powerSave, [...modes]);
    t.deepEqual(world.lines, []);
  }
});
