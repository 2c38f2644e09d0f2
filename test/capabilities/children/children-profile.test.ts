// SPDX-License-Identifier: Apache-2.0
/** The device profile of a child: its parts by the capabilities of the child. */

import test, { type ExecutionContext } from 'ava';
import { childFirmware, deviceProfile } from '../../../src/capabilities/index.ts';
import type { App, AppChild } from '../../../src/index.ts';
import type { Json, JsonObject, Operation } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd, statuses } from '../../agent/operations/operating.ts';
import { createSettled, objectOf, settle } from '../../agent/scene.ts';
import { Controller, createScene as createBoard, KID, operate, pack, shown, url } from './children-scene.ts';

const PROFILE = { profileName: 'winter', profileId: '60238' };
const HALF = { ...PROFILE, profileExecuted: false };
const WHOLE = { ...PROFILE, profileExecuted: true };

interface Scene {
  readonly world: World;
  readonly controller: Controller;
  child: AppChild | undefined;
}

function createScene(t: ExecutionContext): Scene {
  const controller = new Controller();
  let child: AppChild | undefined;
  controller.more = (made) => {
    child = made;
    made.operation(deviceProfile());
  };
  const { world } = createBoard(t, controller);
  return { world, controller, child };
}

const profileOf = (world: World, more: JsonObject = {}): JsonObject => ({
  ...PROFILE,
  c8y_DeviceProfile: {
    firmware: { name: 'plc', version: '2', url: url(world, 'image') },
    software: [pack(world, 'mixer', '1'), pack(world, 'oven', '3')],
    configuration: [{ name: 'cold', type: 'recipe', url: url(world, 'the second') }],
    ...more,
  },
});

/** All parts are in force, and the inventory of the child says so. */
function isWhole(t: ExecutionContext, { world, controller }: Scene, what: string): void {
  t.deepEqual(controller.runs, { name: 'plc', version: '2' }, what);
  t.deepEqual([...controller.packages.keys()], ['mixer', 'oven'], what);
  t.is(String(controller.recipe), 'the second', what);
  t.deepEqual(shown(world, 'c8y_Profile'), WHOLE, what);
  t.is((shown(world, 'c8y_Firmware') as JsonObject)['version'], '2', what);
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1', oven: '3' }, what);
  t.like(shown(world, 'c8y_Configuration_recipe'), { name: 'cold' }, what);
}

test('firmware, software and configuration of a child; the board has no part in it', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  t.true((shown(world, 'c8y_SupportedOperations') as string[]).includes('c8y_DeviceProfile'));
  const operation = order(world, profileOf(world), childOf(world, KID).id);
  let before: Json | undefined;
  world.onRequest = ({ method, path }) => {
    if (method === 'GET' && path.startsWith('/inventory/binaries/')) before ??= shown(world, 'c8y_Profile');
    return true;
  };
  runToEnd(world, [operation], 900_000);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(before, HALF, 'not in force before all of it is');
  isWhole(t, scene, 'at the end');
  t.is(objectOf(world).fragments['c8y_Profile'], undefined);
  t.deepEqual(world.device.machine.restarts, [], 'the board does not restart for a child');
  world.device.reboot();
  settle(world);
  world.run(10_000);
  isWhole(t, scene, 'after a restart');
});

test('a part that fails ends it, and those before it stay in force', (t) => {
  const scene = createScene(t);
  const { world, controller } = scene;
  const operation = operate(world, profileOf(world, { software: [pack(world, 'forbidden', '1')] }));
  t.is(operation.failureReason, 'software: forbidden: not here');
  t.deepEqual(controller.runs, { name: 'plc', version: '2' });
  t.is(String(controller.recipe), 'the first');
  t.deepEqual(shown(world, 'c8y_Profile'), HALF);
  t.is(operate(world, profileOf(world)).status, 'SUCCESSFUL');
  t.deepEqual(shown(world, 'c8y_Profile'), WHOLE);
});

test('a profile that is not possible begins nothing', (t) => {
  const { world, controller } = createScene(t);
  const cases: [JsonObject, RegExp][] = [
    [{ ...PROFILE, c8y_DeviceProfile: {} }, /^the profile is empty/],
    [{ c8y_DeviceProfile: profileOf(world)['c8y_DeviceProfile'] ?? null }, /^profileName: missing$/],
    [profileOf(world, { software: {} }), /^software: not a list$/],
    [profileOf(world, { firmware: [] }), /^firmware: not an object$/],
    [profileOf(world, { configuration: 'all' }), /^configuration: not a list$/],
    [{ ...profileOf(world), profileName: 'x'.repeat(201) }, /have more than 200 characters$/],
  ];
  for (const [fragments, reason] of cases) {
    const { status, failureReason = '' } = operate(world, fragments);
    t.is(status, 'FAILED');
    t.regex(failureReason, reason);
  }
  t.is(controller.pieces, 0);
  t.is(shown(world, 'c8y_Profile'), undefined);
});

test('a child without one of the parts says so before it begins, even if the board has it', (t) => {
  const controller = new Controller();
  const app: App = (board) => {
    const child = board.child(KID, {});
    child.operation(deviceProfile());
    child.operation(childFirmware({ installed: () => controller.runs, install: () => controller.take(() => {}) }));
  };
  const world = createSettled(t, { app });
  world.run(10_000);
  t.is(operate(world, profileOf(world)).failureReason, 'software: this device has no c8y_SoftwareUpdate');
  t.is(controller.pieces, 0);
});

test('profiles of the board and of two children at once do not disturb each other', (t) => {
  const controllers = ['a', 'b'].map(() => new Controller());
  const app: App = (board) => {
    for (const [n, controller] of controllers.entries()) {
      const child = board.child(`kid-${n}`, {});
      child.operation(deviceProfile());
      child.operation(
        childFirmware({
          installed: () => controller.runs,
          install: ({ name, version }) =>
            controller.take(() => {
              controller.runs = { name, version };
            }),
        }),
      );
    }
  };
  const world = createSettled(t, { app });
  world.run(10_000);
  const firmware = (version: string) => ({ firmware: { name: 'plc', version, url: url(world, 'image') } });
  const orders = ['2', '3'].map((version, n) =>
    order(
      world,
      { profileName: `name ${n}`, profileId: version, c8y_DeviceProfile: firmware(version) },
      childOf(world, `kid-${n}`).id,
    ),
  );
  runToEnd(world, orders, 900_000);
  world.device.reboot();
  settle(world);
  world.run(10_000);
  t.deepEqual(
    controllers.map(({ runs }) => runs.version),
    ['2', '3'],
  );
  for (const n of [0, 1])
    t.deepEqual(childOf(world, `kid-${n}`).fragments['c8y_Profile'], {
      ...{ profileName: `name ${n}`, profileId: `${n + 2}`, profileExecuted: true },
    });
});

test('many profiles with long names: the room on flash is bounded, and the newest are kept', (t) => {
  const most = 30;
  const controller = new Controller();
  const app: App = (board) => {
    for (let n = 0; n < most; n++) {
      const child = board.child(`kid-${n}`, {});
      child.operation(deviceProfile());
      child.operation(childFirmware({ installed: () => controller.runs, install: () => controller.take(() => {}) }));
    }
  };
  const world = createSettled(t, { app });
  world.runUntil(() => objectOf(world).children.childDevices.size === most, 600_000);
  const orders: Operation[] = [];
  for (let n = 0; n < most; n++) {
    const fragments = {
      profileName: `${n} ${'x'.repeat(190)}`,
      profileId: '7',
      c8y_DeviceProfile: { firmware: controller.runs },
    };
    orders.push(order(world, fragments, childOf(world, `kid-${n}`).id));
    runToEnd(world, orders, 60_000);
  }
  t.deepEqual([...new Set(orders.map(({ failureReason }) => failureReason))], [undefined]);
  const kept = Buffer.from(world.device.machine.flash.values.get('childProfiles') ?? []);
  t.true(kept.length <= 3950, `${kept.length}`);
  t.true(kept.includes(`kid-${most - 1}`));
  t.false(kept.includes('kid-0"'));
  world.device.reboot();
  settle(world);
  world.run(60_000);
  for (let n = 0; n < most; n++)
    t.true((childOf(world, `kid-${n}`).fragments['c8y_Profile'] as { profileExecuted: boolean }).profileExecuted);
});

test('a child that is removed in the middle: the operation ends, and the board goes on', (t) => {
  const scene = createScene(t);
  const { world, child } = scene;
  const operation = order(world, profileOf(world), childOf(world, KID).id);
  world.runUntil(() => statuses(operation).includes('EXECUTING'), 60_000);
  child?.remove();
  runToEnd(world, [operation], 4 * 3_600_000);
  t.true(['SUCCESSFUL', 'FAILED'].includes(operation.status));
  t.deepEqual(world.device.machine.restarts, []);
});

test('a power cut at any moment and at each write: the profile continues and ends once with all parts', (t) => {
  const look = (cut: (world: World) => void, what: string) => {
    const scene = createScene(t);
    const { world } = scene;
    const operation = order(world, profileOf(world), childOf(world, KID).id);
    cut(world);
    if (!world.device.powered) world.device.start();
    runToEnd(world, [operation], 900_000);
    world.run(10_000);
    t.is(operation.status, 'SUCCESSFUL', `${what}: ${operation.failureReason}`);
    t.is(statuses(operation).filter((status) => status === 'SUCCESSFUL').length, 1, what);
    isWhole(t, scene, what);
  };
  for (let cutMs = 50; cutMs < 1500; cutMs += 100) {
    look((world) => {
      world.run(cutMs);
      world.device.powerCut();
    }, `${cutMs} ms`);
  }
  for (const point of ['before', 'half', 'after'] as const) {
    for (let n = 1; n <= 6; n++) {
      look((world) => {
        world.device.cutAtWrite(n, point);
        world.run(60_000);
      }, `write ${n} ${point}`);
    }
  }
});

test('a power cut before the inventory hears of the firmware of a child: the next start tells it, with its URL', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  const profile = profileOf(world, { software: [] });
  const operation = order(world, profile, childOf(world, KID).id);
  world.onRequest = ({ method, body }) => {
    const isEnd = method === 'PUT' && Buffer.from(body).includes('"c8y_Configuration_recipe"');
    if (isEnd) world.device.powerCut();
    return !isEnd;
  };
  world.run(10_000);
  t.false(world.device.powered);
  world.onRequest = undefined;
  world.device.start();
  runToEnd(world, [operation], 900_000);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  const { firmware } = profile['c8y_DeviceProfile'] as { firmware: JsonObject };
  t.deepEqual(shown(world, 'c8y_Firmware'), firmware);
  // Somebody else gives it another firmware, of the same version.
  scene.controller.runs = { ...scene.controller.runs, name: 'other' };
  world.device.reboot();
  settle(world);
  world.run(10_000);
  t.deepEqual(shown(world, 'c8y_Firmware'), { ...firmware, name: 'other', url: '' });
});
