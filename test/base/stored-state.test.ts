// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Values } from '../../hal/common/values.ts';
import type { FirmwareSlots } from '../../hal/hal.ts';
import { keepState, recallState, wasDamaged } from '../../src/base/stored-state.ts';
import { ascii } from '../../src/bytes/text.ts';
import { eventsOf } from '../../tools/platform/operator.ts';
import { order, runToEnd } from '../agent/operations/operating.ts';
import { quiet } from '../agent/records/reporting.ts';
import { calls, createSettled, createWorld, logged, objectOf, owned, settle } from '../agent/scene.ts';

function recall(store: Values, name: string): { value: Uint8Array | undefined; damaged: string[] } {
  const damaged: string[] = [];
  return { value: recallState({ store }, name, { onDamaged: (each) => damaged.push(each) }), damaged };
}

test('a stored value is read back unchanged', (t) => {
  const store = new Values({ write: () => true, remove: () => true });
  for (const length of [0, 1, 300, 3990]) {
    const value = Uint8Array.from({ length }, (_, i) => i * 7);
    t.true(keepState({ store }, 'value', value));
    t.deepEqual(recall(store, 'value'), { value, damaged: [] });
  }
  t.deepEqual(recall(store, 'other'), { value: undefined, damaged: [] });
});

test('a value that is too large for the store is refused like one without room, without an exception', (t) => {
  const store = new Values({ write: () => true, remove: () => true });
  for (const length of [3995, 4000, 100_000]) t.false(keepState({ store }, 'value', new Uint8Array(length)));
  const older = ascii('x'.repeat(4000));
  store.set('value', older);
  t.deepEqual(recall(store, 'value'), { value: older, damaged: [] }, 'one of before that cannot be kept anew');
});

test('every flipped bit and every missing end is detected; the damaged rest is set aside', (t) => {
  for (const value of [ascii('a=b\nc'), Uint8Array.of(0xf5, 1, 2), new Uint8Array(0)]) {
    const good = new Values({ write: () => true, remove: () => true });
    keepState({ store: good }, 'value', value);
    const bytes = good.get('value') ?? new Uint8Array(0);
    const damages = [
      ...Array.from({ length: 8 * bytes.length }, (_, bit) =>
        bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      ),
      ...Array.from({ length: bytes.length }, (_, end) => bytes.slice(0, end)),
    ];
    for (const damage of damages) {
      const store = new Values({ write: () => true, remove: () => true });
      store.set('value', damage);
      t.deepEqual(recall(store, 'value'), { value: undefined, damaged: ['value'] }, damage.join());
      t.deepEqual(store.get('bad-value'), damage);
      t.true(wasDamaged(store, 'value'));
      t.deepEqual(recall(store, 'value'), { value: undefined, damaged: [] }, 'once');
    }
  }
});

test('the state of an older version is read and written in the new format', (t) => {
  const world = createSettled(t);
  const operation = order(world, { c8y_Configuration: { config: 'measurementInterval=7' } });
  runToEnd(world, [operation]);
  world.device.powerCut();
  const { values } = world.device.machine.flash;
  const kept = new Map(values);
  for (const [name, value] of kept) values.set(name, value.slice(2, -4));
  t.true(kept.size >= 2);
  world.device.start();
  settle(world);
  t.is(calls(world, 'POST', '/devicecontrol/deviceCredentials').length, 2);
  t.is(owned(world).length, 1);
  for (const name of ['credentials', 'runtime']) t.deepEqual(values.get(name), kept.get(name), name);
});

test('a firmware on trial leaves and writes state in the previous format, because the previous firmware cannot read the new one', (t) => {
  const world = createSettled(t, { machine: { firmwareBytes: 1000 } });
  const { machine } = world.device;
  runToEnd(world, [order(world, { c8y_Configuration: { config: 'measurementInterval=7' } })]);
  world.device.powerCut();
  const { values } = machine.flash;
  for (const name of ['credentials', 'runtime']) values.set(name, (values.get(name) ?? ascii('')).slice(2, -4));
  const before = new Map(values);
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  world.network.decide = () => 'hang';
  world.device.start();
  world.run(60_000);
  t.true(machine.hal?.firmware?.onTrial);
  for (const name of ['credentials', 'runtime']) t.deepEqual(values.get(name), before.get(name), name);
  world.network.decide = () => 'accept';
  world.runUntil(() => machine.hal?.firmware?.onTrial === false, 600_000);
  t.deepEqual(values.get('credentials'), before.get('credentials'), 'kept anew at the next start');
  world.device.reboot();
  settle(world);
  t.is(values.get('credentials')?.[0], 0xf5);
  t.is(values.get('runtime')?.[0], 0xf5);
});

test('state that a firmware on trial writes keeps the version found on flash', (t) => {
  const store = new Values({ write: () => true, remove: () => true });
  const firmware = { onTrial: true } as FirmwareSlots;
  const hal = { store, firmware };
  store.set('old', ascii('a=1'));
  keepState({ store }, 'new', ascii('b=1'));
  for (const [name, value, isBare] of [
    ['old', ascii('a=2'), true],
    ['new', ascii('b=2'), false],
    ['other', ascii('c=2'), false],
    ['old', Uint8Array.of(1, 2), false],
    ['old', ascii('a=3'), false],
  ] as const) {
    t.true(keepState(hal, name, value));
    t.is(store.get(name)?.length, isBare ? value.length : value.length + 6, name);
    t.deepEqual(recallState(hal, name, { onDamaged: () => t.fail() }), value);
  }
});

for (const name of ['credentials', 'runtime']) {
  test(`damaged ${name} are set aside and reported, and the device keeps working`, (t) => {
    const world = createSettled(t, { config: quiet });
    runToEnd(world, [order(world, { c8y_Configuration: { config: 'measurementInterval=7' } })]);
    world.device.powerCut();
    const { values } = world.device.machine.flash;
    const bytes = values.get(name) ?? new Uint8Array(0);
    bytes[9] = (bytes[9] ?? 0) ^ 4;
    world.device.start();
    settle(world);
    world.run(60_000);
    t.true(values.has(`bad-${name}`));
    t.true(logged(world, `error: the stored state ${name} is damaged`));
    const [event, ...others] = eventsOf(world.platform, objectOf(world).id);
    t.is(event?.fragments['type'], 'fractus_StateDamaged');
    t.deepEqual(event?.fragments['fractus_StateDamaged'], { name });
    t.deepEqual(others, []);
    t.is(world.platform.core.objects.size, 1);
    world.device.reboot();
    settle(world);
    t.is(eventsOf(world.platform, objectOf(world).id).length, 1, 'told once');
  });
}

test('an unreadable intent counts as an intent: no second object is created', (t) => {
  const world = createWorld(t);
  // The object is created, and the answer is lost.
  world.platform.order({ kind: 'dropAfter', path: '/inventory/managedObjects', method: 'POST', times: 1 });
  world.start();
  world.runUntil(() => world.platform.core.objects.size === 1, 60_000);
  world.device.powerCut();
  const { values } = world.device.machine.flash;
  const intents = [...values.keys()].filter((name) => name !== 'credentials');
  t.is(intents.length, 1);
  for (const name of intents) values.set(name, (values.get(name) ?? new Uint8Array(0)).slice(0, 5));
  world.device.start();
  settle(world);
  t.is(owned(world).length, 1);
});
