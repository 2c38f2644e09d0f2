// SPDX-License-Identifier: Apache-2.0
/** `c8y_ParameterUpdate`: values that an app has declared, changed together or not at all. */

import test from 'ava';
import { parameterSet, parameters } from '../../../src/capabilities/index.ts';
import type { App } from '../../../src/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { findDevice } from '../../../tools/platform/operator.ts';
import { order, runToEnd } from '../../agent/operations/operating.ts';
import { calls, createSettled, logged, objectOf, settle } from '../../agent/scene.ts';
import { asked, createScene, type LIMITS, Plant, START, shown, told, update } from './parameters-scene.ts';

test('declared values are in the inventory from the creation on, and applied at each start', (t) => {
  const { world, plant } = createScene(t);
  t.deepEqual(shown(world), START);
  t.deepEqual(shown(world, 'acme_Pump'), { speed: 1 });
  t.deepEqual([plant.limits, plant.pump], [[START], [{ speed: 1 }]]);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_ParameterUpdate'));
});

test('a change is applied, reported with an event before the operation ends, and survives a restart', (t) => {
  const { world, plant } = createScene(t);
  const { status, failureReason, id } = update(world, asked({ acme_Limits: { high: -12.5, mode: 'cold', on: false } }));
  t.is(status, 'SUCCESSFUL', failureReason);
  const values = { ...START, high: -12.5, mode: 'cold', on: false };
  t.deepEqual(shown(world), values);
  t.deepEqual(plant.limits.at(-1), values);
  t.is(plant.pump.length, 1);
  const [inventory] = calls(world, 'PUT', `/inventory/managedObjects/${objectOf(world).id}`).filter(({ body }) =>
    body.includes('-12.5'),
  );
  const end = calls(world, 'PUT', `/devicecontrol/operations/${id}`).at(-1);
  t.true((inventory?.number ?? Infinity) < (end?.number ?? 0));
  t.deepEqual(
    told(world).map(({ fragments }) => fragments['acme_Limits']),
    [values],
  );
  world.device.reboot();
  settle(world);
  t.deepEqual(plant.limits.at(-1), values);
  t.deepEqual(shown(world), values);
  // The same update again changes nothing.
  t.is(update(world, asked({ acme_Limits: values, acme_Pump: {} })).status, 'SUCCESSFUL');
  t.is(told(world).length, 1);
});

test('an invalid update fails with the valid form and changes no set', (t) => {
  const { world, plant } = createScene(t);
  const applied = plant.limits.length;
  const limits = (values: JsonObject) => asked({ acme_Pump: { speed: 5 }, acme_Limits: values });
  const cases: [JsonObject, RegExp][] = [
    [{ c8y_ParameterUpdate: {} }, /^c8y_ParameterUpdate_<set>: missing; allowed: acme_Limits, acme_Pump$/],
    [{ c8y_ParameterUpdate: 5, acme_Limits: {} }, /^c8y_ParameterUpdate_<set>: missing/],
    [asked({ acme_Other: {} }), /^acme_Other: there is no such set; allowed: acme_Limits, acme_Pump$/],
    [asked({ constructor: {} }), /^constructor: there is no such set/],
    [asked({ ['x'.repeat(300)]: {} }), /^x{60}: there is no such set/],
    [{ c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Limits: {} }, /^acme_Limits: missing, or not an object$/],
    [asked({ acme_Limits: 5 }), /^acme_Limits: missing, or not an object$/],
    [asked({ acme_Limits: [1] }), /^acme_Limits: missing, or not an object$/],
    [limits({ low: 5 }), /^acme_Limits: there is no low; allowed: high, samples, mode, label, on$/],
    [limits({ ['__proto__']: 5 }), /^acme_Limits: there is no __proto__/],
    [limits({ high: 126 }), /^acme_Limits\.high: 126 is not allowed; allowed: a number from -40 to 125\.5$/],
    [limits({ high: '80' }), /^acme_Limits\.high: "80" is not allowed/],
    [limits({ high: null }), /^acme_Limits\.high: null is not allowed/],
    [limits({ high: { deep: [1, 2] } }), /^acme_Limits\.high: \{"deep":\[1,2\]\} is not allowed/],
    [limits({ samples: 1.5 }), /^acme_Limits\.samples: 1\.5 is not allowed; allowed: a whole number from 1 to 60$/],
    [limits({ mode: 'tepid' }), /^acme_Limits\.mode: "tepid" is not allowed; allowed: warm, cold$/],
    [limits({ mode: 7 }), /^acme_Limits\.mode: 7 is not allowed/],
    [limits({ label: 'x'.repeat(21) }), /^acme_Limits\.label: "x+" is not allowed; allowed: a text of up to 20/],
    [limits({ label: 'x'.repeat(900) }), /^acme_Limits\.label: "x{59} is not allowed/],
    [limits({ label: 'a\nb' }), /^acme_Limits\.label: "a\\nb" is not allowed/],
    [limits({ on: 'true' }), /^acme_Limits\.on: "true" is not allowed; allowed: true, false$/],
    [limits({ on: 1 }), /^acme_Limits\.on: 1 is not allowed/],
  ];
  for (const [fragments, reason] of cases) {
    const operation = update(world, fragments);
    t.is(operation.status, 'FAILED', JSON.stringify(fragments).slice(0, 200));
    t.regex(operation.failureReason ?? '', reason);
    t.deepEqual(shown(world), START);
    t.deepEqual(shown(world, 'acme_Pump'), { speed: 1 });
    t.is(plant.limits.length, applied);
  }
  t.is(told(world).length, 0);
});

test('boards of one process that share a list have separate values', (t) => {
  const plant = new Plant();
  const world = createSettled(t, { capabilities: [parameters(...plant.sets)] });
  t.is(plant.limits.length, 1, 'applied once');
  const capabilities = [parameters(...plant.sets)];
  const shared = createSettled(t, { capabilities });
  const other = shared.add({
    capabilities,
    config: { deviceId: 'other' },
    machine: { board: { serialNumber: 'other' } },
  });
  other.start();
  const object = () => findDevice(shared.platform, 'other');
  shared.runUntil(() => object()?.fragments['acme_Limits'] !== undefined, 600_000);
  shared.run(10_000);
  update(shared, asked({ acme_Limits: { high: 5 } }));
  t.deepEqual(shown(shared), { ...START, high: 5 });
  t.deepEqual(object()?.fragments['acme_Limits'], START);
  const operation = order(shared, asked({ acme_Limits: { mode: 'cold' } }), object()?.id);
  runToEnd(shared, [operation]);
  t.deepEqual(object()?.fragments['acme_Limits'], { ...START, mode: 'cold' });
  world.stop();
});

test('large fragments beside the values do not matter; a value that is too large changes nothing', (t) => {
  const { world } = createScene(t);
  const big = { big: 'x'.repeat(9000), more: [Array(3000).fill(1)] };
  t.is(update(world, { ...asked({ acme_Pump: { speed: 5 } }), ...big }).status, 'SUCCESSFUL');
  t.deepEqual(shown(world, 'acme_Pump'), { speed: 5 });
  const many = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`m${i}`, i]));
  t.is(
    update(world, asked({ acme_Pump: { speed: 6, ...many } })).failureReason,
    'acme_Pump: missing, or not an object',
  );
  t.deepEqual(shown(world, 'acme_Pump'), { speed: 5 });
});

test('a set that the app refuses rolls back all sets', (t) => {
  const { world, plant } = createScene(t);
  plant.refuses = ({ speed }) => (speed === 7 ? 'the pump is too hot' : undefined);
  const operation = update(world, asked({ acme_Limits: { high: 50 }, acme_Pump: { speed: 7 } }));
  t.is(operation.failureReason, 'the pump is too hot');
  t.deepEqual(plant.limits.slice(1), [{ ...START, high: 50 }, START]);
  t.deepEqual(plant.pump, [{ speed: 1 }, { speed: 7 }, { speed: 1 }]);
  t.deepEqual(shown(world), START);
  plant.refuses = ({ speed }) => (speed === undefined ? undefined : 'never again');
  const second = update(world, asked({ acme_Pump: { speed: 3 } }));
  t.is(second.failureReason, 'never again; nor can the former ones be applied: never again');
  world.device.reboot();
  settle(world);
  t.true(logged(world, 'parameters acme_Pump are not applied: never again'));
  t.deepEqual(world.device.machine.restarts, []);
});

test('invalid definitions are errors of the program', (t) => {
  const set = (name: string, definition: unknown) => () => parameterSet(name, definition as typeof LIMITS, () => {});
  const number = { kind: 'number', least: 0, most: 5, value: 1 };
  for (const wrong of [
    set('a b', { x: number }),
    set('c8y_SoftwareList', { x: number }),
    set('acme_X', {}),
    set('acme_X', { 'a.b': number }),
    set('acme_X', { x: { ...number, value: 6 } }),
    set('acme_X', { x: { ...number, kind: 'integer', value: 1.5 } }),
    set('acme_X', { x: { kind: 'choice', choices: ['a'], value: 'b' } }),
    set('acme_X', { x: { kind: 'text', mostChars: 501, value: '' } }),
    set('acme_X', { x: { kind: 'text', mostChars: 2, value: 'abc' } }),
    set('acme_X', { x: { kind: 'flag', value: 1 } }),
  ]) {
    t.throws(wrong, { instanceOf: RangeError });
  }
  const one = parameterSet('acme_X', { x: number as { kind: 'number'; least: 0; most: 5; value: 1 } }, () => {});
  t.throws(() => parameters(one, one), { instanceOf: RangeError, message: /twice/ });
});

test("at a start parameters are applied after the app's declarations, and not in safe mode", (t) => {
  let starts = 0;
  const seen: string[] = [];
  const set = parameterSet('acme_A', { x: { kind: 'integer', least: 0, most: 9, value: 1 } }, ({ x }, host) => {
    seen.push(`${x} after start ${starts} ${host.status() !== ''}`);
  });
  const world = createSettled(t, {
    capabilities: [parameters(set)],
    app: () => void starts++,
  });
  for (let i = 0; i < 3; i++) {
    world.device.machine.restart('crash', 'panic');
    world.run(5000);
  }
  settle(world);
  t.deepEqual(
    seen,
    [1, 2, 3].map((start) => `1 after start ${start} true`),
    'the fourth start is without the app',
  );
});

test('values too large for an event are in force and in the inventory', (t) => {
  const names = Array.from({ length: 6 }, (_, index) => `text${index}`);
  const texts = names.map((name) => [name, { kind: 'text', mostChars: 500, value: '' }] as const);
  const world = createSettled(t, {
    app: (board) => board.operation(parameters(parameterSet('acme_T', Object.fromEntries(texts), () => {}))),
  });
  for (const name of names) {
    const operation = update(world, asked({ acme_T: { [name]: 'y'.repeat(500) } }));
    t.is(operation.status, 'SUCCESSFUL', `${name}: ${operation.failureReason}`);
  }
  t.is((objectOf(world).fragments['acme_T'] as Record<string, string>)['text5']?.length, 500);
});

test('two boards of a process have separate values, also if the app adds the operation', (t) => {
  const capability = parameters(
    parameterSet('acme_A', { x: { kind: 'integer', least: 0, most: 9, value: 1 } }, () => {}),
  );
  const app: App = (board) => board.operation(capability);
  const world = createSettled(t, { app });
  world.add({ app, config: { deviceId: 'other' } }).start();
  const other = () => findDevice(world.platform, 'other')?.fragments['acme_A'];
  world.runUntil(() => other() !== undefined, 600_000);
  update(world, asked({ acme_A: { x: 5 } }));
  world.run(10_000);
  t.deepEqual([objectOf(world).fragments['acme_A'], other()], [{ x: 5 }, { x: 1 }]);
});

test('sets too large for the inventory are refused at once', (t) => {
  const flag = { on: { kind: 'flag', value: true } } as const;
  t.throws(() => parameters(parameterSet('c8y_Availability', flag, () => {})), { instanceOf: RangeError });
  const texts = Array.from({ length: 9 }, (_, index) => [
    `text${index}`,
    { kind: 'text', mostChars: 500, value: 'z'.repeat(500) },
  ]);
  t.throws(() => parameters(parameterSet('acme_T', Object.fromEntries(texts), () => {})), { instanceOf: RangeError });
});
