// SPDX-License-Identifier: Apache-2.0
/** `c8y_ParameterUpdate`: its values on flash, over starts, power cuts and damage. */

import test from 'ava';
import { CAPABILITIES, parameters } from '../../../src/capabilities/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { createSettled, objectOf, settle } from '../../agent/scene.ts';
import { asked, createScene, Plant, START, shown, told, update } from './parameters-scene.ts';

test('damaged values: the board starts with the declared ones and reports it', (t) => {
  const plant = new Plant();
  // The board's parameters are read before anything can be reported.
  const world = createSettled(t, { capabilities: [...CAPABILITIES, parameters(...plant.sets)], app: () => {} });
  t.is(update(world, asked({ acme_Limits: { high: 90 } })).status, 'SUCCESSFUL');
  const { values } = world.device.machine.flash;
  const kept = values.get('parameters') ?? new Uint8Array();
  kept[kept.length - 1] = 255 - (kept.at(-1) ?? 0);
  values.set('parameters', kept);
  world.device.reboot();
  settle(world);
  t.deepEqual(plant.limits.at(-1), START);
  t.deepEqual(shown(world), START);
  world.run(10_000);
  const damages = eventsOf(world.platform, objectOf(world).id).filter(
    ({ fragments }) => fragments['type'] === 'fractus_StateDamaged',
  );
  t.is(damages.length, 1);
});

test('flash that refuses: nothing changes', (t) => {
  const { world, plant } = createScene(t);
  world.device.machine.flash.refusing = true;
  const operation = update(world, asked({ acme_Limits: { high: 50 } }));
  world.device.machine.flash.refusing = false;
  t.is(operation.failureReason, 'the flash refuses the parameters: nothing has changed');
  t.deepEqual(plant.limits.at(-1), START);
  t.deepEqual(shown(world), START);
});

test('values of an earlier firmware count as far as they are still allowed', (t) => {
  const { world, plant } = createScene(t);
  update(world, asked({ acme_Limits: { high: 90, label: 'cellar' } }));
  world.device.powerCut();
  const kept = '{"acme_Limits":{"high":500,"samples":"7","label":"cellar","gone":1},"acme_Gone":{"a":1}}';
  world.device.machine.flash.values.set('parameters', Buffer.from(kept));
  world.device.start();
  settle(world);
  t.deepEqual(plant.limits.at(-1), { ...START, label: 'cellar' });
  t.deepEqual(shown(world), { ...START, label: 'cellar' });
});

test('a power cut at each write and any moment: all values or none, then the requested ones, and each operation ends once', (t) => {
  const look = (cut: (world: World) => void, what: string) => {
    const { world, plant } = createScene(t);
    const operation = order(world, asked({ acme_Limits: { high: 50, mode: 'cold' }, acme_Pump: { speed: 5 } }));
    cut(world);
    if (!world.device.powered) world.device.start();
    runToEnd(world, [operation], 600_000);
    t.is(operation.status, 'SUCCESSFUL', `${what}: ${operation.failureReason}`);
    t.deepEqual([shown(world), shown(world, 'acme_Pump')], [{ ...START, high: 50, mode: 'cold' }, { speed: 5 }], what);
    t.deepEqual([plant.limits.at(-1), plant.pump.at(-1)], [shown(world) as JsonObject, { speed: 5 }], what);
    t.deepEqual(
      statuses(operation).filter((status) => status !== 'EXECUTING'),
      ['PENDING', 'SUCCESSFUL'],
    );
    t.true(told(world).length <= 1, what);
  };
  for (let cutMs = 0; cutMs < 400; cutMs += 10) {
    look((world) => {
      world.run(cutMs);
      world.device.powerCut();
    }, `${cutMs} ms`);
  }
  for (const point of ['before', 'half', 'after'] as const) {
    for (let n = 1; n <= 3; n++) {
      look((world) => {
        world.device.cutAtWrite(n, point);
        world.run(30_000);
      }, `write ${n} ${point}`);
    }
  }
});
