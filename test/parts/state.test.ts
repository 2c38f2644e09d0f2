// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type State, state } from 'fractus/state';
import type { App } from '../../src/index.ts';
import { createSettled, logged, settle } from '../agent/scene.ts';

function createState(t: Parameters<typeof createSettled>[0]) {
  const scene: { state: State | undefined } = { state: undefined };
  const app: App = (board) => {
    scene.state = state(board);
  };
  const world = createSettled(t, { app });
  const own = () => scene.state as State;
  return { world, own };
}

test('a value outlives restarts and power cuts, and can be forgotten', (t) => {
  const { world, own } = createState(t);
  t.is(own().get('count'), undefined);
  t.true(own().set('count', '7 \n ü'));
  world.device.reboot();
  settle(world);
  t.is(own().get('count'), '7 \n ü');
  t.true(own().set('count', undefined));
  world.device.reboot();
  settle(world);
  t.is(own().get('count'), undefined);
});

test('an unchanged value is not written again; a value that is too large is refused, and the old one stays', (t) => {
  const { world, own } = createState(t);
  own().set('a', 'same');
  const { writes } = world.device.machine.flash;
  t.true(own().set('a', 'same'));
  t.is(world.device.machine.flash.writes, writes);
  t.false(own().set('a', 'x'.repeat(4000)));
  t.is(own().get('a'), 'same');
});

for (const point of ['before', 'half', 'after'] as const) {
  test(`a power cut leaves the old value or the new one: ${point} the write`, (t) => {
    const { world, own } = createState(t);
    own().set('a', 'old');
    world.device.cutAtWrite(1, point);
    own().set('a', 'new');
    world.device.reboot();
    settle(world);
    const allowed = { before: ['old'], half: ['old', 'new'], after: ['new'] }[point];
    t.true(allowed.includes(own().get('a') ?? ''), own().get('a'));
  });
}

test('an app cannot touch the state of the agent', (t) => {
  const { world, own } = createState(t);
  const { values } = world.device.machine.flash;
  const before = new Map(values);
  for (const name of before.keys()) {
    if (name.length > 11) continue;
    t.is(own().get(name), undefined, name);
    own().set(name, 'mine');
  }
  for (const [name, value] of before) t.is(values.get(name), value, name);
  for (const name of before.keys()) t.false(name.startsWith('app-'), name);
});

for (const name of ['', 'a b', 'twelve-chars', 'ä', '../x']) {
  test(`a name that is not allowed: "${name}"`, (t) => {
    const { own } = createState(t);
    t.throws(() => own().get(name), { instanceOf: RangeError, message: /allowed: 1 to 11 of/ });
    t.throws(() => own().set(name, 'x'), { instanceOf: RangeError });
  });
}

test('a damaged value counts as missing, and the platform is informed', (t) => {
  const { world, own } = createState(t);
  own().set('a', 'whole');
  const stored = world.device.machine.flash.values.get('app-a');
  if (stored !== undefined) stored[3] = (stored[3] ?? 0) ^ 1;
  world.device.reboot();
  settle(world);
  t.is(own().get('a'), undefined);
  t.true(logged(world, 'the stored state app-a is damaged'));
});
