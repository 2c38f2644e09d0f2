// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { CutPoint } from '../../../hal/fake/flash.ts';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { FakeHal } from '../../../hal/fake/options.ts';

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** What two writes leave behind when the power goes at the second. */
function cutAtSecondWrite(point: CutPoint, seed = 1): number | undefined {
  const machine = new FakeMachine({ seed });
  const hal = machine.boot();
  machine.flash.cutAtWrite(2, point);
  hal.store.set('a', bytes(1));
  hal.store.set('a', bytes(2));
  hal.store.set('a', bytes(3));
  return machine.boot().store.get('a')?.[0];
}

test('a power cut before, after and half way through a write', (t) => {
  t.is(cutAtSecondWrite('before'), 1);
  t.is(cutAtSecondWrite('after'), 2);
  const halves = new Set(Array.from({ length: 20 }, (_, seed) => cutAtSecondWrite('half', seed)));
  t.deepEqual([...halves].sort(), [1, 2]);
});

test('every change counts as a write, a delete too', (t) => {
  const machine = new FakeMachine();
  const { store } = machine.boot();
  store.set('a', bytes(1));
  store.set('b', bytes(1));
  store.delete('a');
  store.delete('a');
  t.is(machine.flash.writes, 3);
  machine.flash.cutAtWrite(1, 'before');
  store.delete('b');
  t.deepEqual(machine.boot().store.keys(), ['b']);
});

test('after a cut the HAL is dead: no effect, no callback; the next start is a new one', (t) => {
  const machine = new FakeMachine({ watchdogMs: 50 });
  const hal = machine.boot();
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  const handler = { onOpen: count, onReadable: count, onWritable: count, onEnd: count, onError: count };
  machine.network.listen('host', 80, (peer) => peer.send(bytes(1)));
  hal.createTimer(count).start(10);
  hal.network.onChange(count);
  const stream = hal.network.connect({ host: 'host', port: 80 }, handler);
  hal.clock.set(1e12);

  machine.powerCut();
  t.is(machine.hal, undefined);
  t.false(hal.store.set('a', bytes(1)));
  hal.createTimer(count).start(0);
  hal.network.connect({ host: 'host', port: 80 }, handler);
  hal.network.reset();
  hal.actuators['relay']?.write(1);
  hal.indicator?.show('fault');
  hal.log('info', 'from the dead');
  hal.restart('from the dead');
  t.is(stream.write(bytes(1), 0, 1), 0);
  machine.time.run(10_000);
  t.is(calls, 0);
  t.deepEqual([machine.lines, machine.restarts, machine.outputs, machine.light], [[], [], {}, undefined]);

  const next = machine.boot();
  t.deepEqual([next.board.bootCount, next.board.resetCause], [2, 'power-on']);
  t.is(next.clock.now(), undefined);
  t.is(next.clock.ticks(), 0);
  t.deepEqual(next.store.keys(), []);
});

test('a cut inside of a program that goes on for a moment', (t) => {
  const boots: FakeHal[] = [];
  const machine = new FakeMachine({
    onBoot(hal) {
      boots.push(hal);
      // An agent is not stopped in the middle of a function, but nothing that it still does counts.
      for (const name of ['a', 'b', 'c']) hal.store.set(name, bytes(hal.board.bootCount));
    },
  });
  machine.flash.cutAtWrite(2, 'before');
  machine.boot();
  t.is(machine.hal, undefined);
  machine.reboot();
  const { store } = boots[1] ?? {};
  t.deepEqual(
    ['a', 'b', 'c'].map((name) => store?.get(name)?.[0]),
    [2, 2, 2],
  );
});

test('a restart comes by itself after a while, with its cause', (t) => {
  const causes: string[] = [];
  const machine = new FakeMachine({ bootMs: 250, onBoot: (hal) => causes.push(hal.board.resetCause) });
  machine.boot().restart('because');
  t.is(machine.hal, undefined);
  machine.time.run(249);
  t.is(machine.hal, undefined);
  machine.time.run(1);
  t.deepEqual(causes, ['power-on', 'software']);
  t.deepEqual(machine.restarts, ['because']);
  machine.reboot();
  t.deepEqual(causes, ['power-on', 'software', 'power-on']);
});

test('a watchdog that is not fed restarts the machine', (t) => {
  const machine = new FakeMachine({ watchdogMs: 1000 });
  const hal = machine.boot();
  machine.time.run(900);
  hal.watchdog?.feed();
  machine.time.run(900);
  t.deepEqual(machine.restarts, []);
  machine.time.run(100);
  t.deepEqual(machine.restarts, ['watchdog']);
  machine.time.run(300);
  t.is(machine.hal?.board.resetCause, 'watchdog');
});

test('flash that refuses, and flash that is full', (t) => {
  const machine = new FakeMachine({ capacityBytes: 1000 });
  const { store } = machine.boot();
  t.true(store.set('a', bytes(1)));
  machine.flash.refusing = true;
  t.deepEqual([store.set('a', bytes(2)), store.delete('a')], [false, false]);
  t.deepEqual(store.get('a'), bytes(1));
  machine.flash.refusing = false;
  t.false(store.set('b', new Uint8Array(1000)));
  t.true(store.delete('a'));
});

test('the same seed gives the same machine', (t) => {
  const draw = (seed: number) => {
    const hal = new FakeMachine({ seed }).boot();
    const key = new Uint8Array(8);
    hal.secureRandom(key);
    return [hal.random(), hal.random(), ...key];
  };
  t.deepEqual(draw(5), draw(5));
  t.notDeepEqual(draw(5), draw(6));
});

test('ticks may begin anywhere and do not wrap', (t) => {
  const machine = new FakeMachine({ firstTick: 2 ** 32 - 10 });
  const { clock } = machine.boot();
  machine.time.run(20);
  t.is(clock.ticks(), 2 ** 32 + 10);
});

test('the latest lines of the log are kept', (t) => {
  const machine = new FakeMachine();
  const hal = machine.boot();
  for (let line = 0; line < 10_005; line++) hal.log('info', String(line));
  t.is(machine.lines.length, 10_000);
  t.deepEqual(machine.lines.at(-1), { atMs: 0, level: 'info', line: '10004' });
});

test('firmware that is not confirmed is given up at the next restart, whatever its reason', (t) => {
  const machine = new FakeMachine({ firmwareBytes: 1000 });
  const install = () => {
    const installation = machine.hal?.firmware?.install(10);
    t.true(installation?.write(new Uint8Array(10), 0, 10));
    t.true(installation?.complete());
  };
  machine.boot();
  install();
  machine.reboot();
  t.true(machine.hal?.firmware?.onTrial);
  machine.reboot();
  t.false(machine.hal?.firmware?.onTrial);
  t.true(machine.hal?.firmware?.rolledBack);
  install();
  machine.reboot();
  t.false(machine.hal?.firmware?.rolledBack);
  t.true(machine.hal?.firmware?.rollBack());
  machine.time.run(1000);
  t.true(machine.hal?.firmware?.rolledBack);
  t.is(machine.hal?.board.resetCause, 'software');
});

test('a power cut before the end of an installation leaves the old content', (t) => {
  const machine = new FakeMachine({ firmwareBytes: 1000 });
  const installation = machine.boot().firmware?.install(10);
  machine.reboot();
  t.false(installation?.complete());
  machine.reboot();
  t.false(machine.hal?.firmware?.onTrial);
});

test('it wakes up from deep sleep in time, and says why it starts', (t) => {
  const machine = new FakeMachine({ sleeps: true });
  const { sleep } = machine.boot();
  for (const durationMs of [0, NaN, 2 ** 31 + 1]) t.throws(() => sleep?.deep(durationMs), { instanceOf: RangeError });
  sleep?.deep(60_000);
  machine.time.run(59_999);
  t.is(machine.hal, undefined);
  machine.time.run(1);
  t.is(machine.hal?.board.resetCause, 'deep-sleep');
});
