// SPDX-License-Identifier: Apache-2.0
/** Operations that would end the trial of a firmware, or fail because of it, wait until it is over. */

import test, { type ExecutionContext } from 'ava';
import { CAPABILITIES, firmware, network, software } from '../../../src/capabilities/index.ts';
import type { Operation } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls } from '../../agent/scene.ts';
import { BARN, createScene as createNetworkScene } from '../network/network-scene.ts';
import * as mods from '../software/software-scene.ts';
import { createScene, fileOf, order as orderFirmware } from './firmware-scene.ts';

const machine = { firmwareBytes: 50_000 };
const MINUTE_MS = 60_000;

/**
 * The operation waits for the start of a new firmware, whose trial lasts for ten minutes, because the flash refuses its
 * confirmation. Returns the requests that were sent meanwhile.
 */
function orderOnTrial(t: ExecutionContext, world: World, order: () => Operation): Operation {
  const { device } = world;
  device.powerCut();
  device.machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  device.machine.firmware.onChange = () => 'refused';
  const operation = order();
  device.start();
  world.run(10 * MINUTE_MS);
  t.is(operation.status, 'EXECUTING', operation.failureReason);
  t.true(device.machine.slots.onTrial);
  device.machine.firmware.onChange = undefined;
  return operation;
}

function runToEnd(t: ExecutionContext, world: World, operation: Operation): void {
  world.runUntil(() => mods.isEnded(operation), 60 * MINUTE_MS);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.false(world.device.machine.slots.rolledBack);
}

test('c8y_Firmware', (t) => {
  const world = createScene(t, firmware);
  const operation = orderOnTrial(t, world, () => orderFirmware(world, fileOf('2.0.0')));
  t.is(calls(world, 'GET', '/inventory/binaries/*').length, 0);
  runToEnd(t, world, operation);
  t.is(world.device.machine.firmware.running.version, '2.0.0');
});

test('c8y_Network', (t) => {
  const world = createNetworkScene(t, { machine, capabilities: [...CAPABILITIES, network()] });
  const operation = orderOnTrial(t, world, () => world.order({ fractus_WiFi: BARN }));
  t.is(world.access, 'House');
  runToEnd(t, world, operation);
  t.is(world.access, 'Barn');
});

test('c8y_SoftwareUpdate: a mod is downloaded, and neither installed nor removed', (t) => {
  const world = mods.createScene(t, { machine, capabilities: [...CAPABILITIES, software()] });
  const first = mods.modOf(1);
  t.is(mods.install(world, first).status, 'SUCCESSFUL');
  const second = mods.modOf(2);
  const { modules } = world.device.machine;
  const url = mods.upload(world, second);
  const update = orderOnTrial(t, world, () => mods.order(world, mods.packageOf(url)));
  t.deepEqual([modules.place, modules.next], [first, undefined]);
  runToEnd(t, world, update);
  t.deepEqual(modules.place, second);
  const removal = orderOnTrial(t, world, () => mods.order(world, mods.packageOf(url, 'delete')));
  t.deepEqual([modules.place, modules.next], [second, undefined]);
  runToEnd(t, world, removal);
  t.is(modules.place, undefined);
});
