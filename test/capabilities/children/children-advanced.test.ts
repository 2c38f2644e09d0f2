// SPDX-License-Identifier: Apache-2.0
/** Software of a child and the tenant's service for advanced software management. */

import test, { type ExecutionContext } from 'ava';
import { childSoftware } from '../../../src/capabilities/index.ts';
import type { App, AppChild } from '../../../src/index.ts';
import { installedSoftware } from '../../../tools/platform/inventory/software.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd } from '../../agent/operations/operating.ts';
import { calls, createSettled, objectOf, settle } from '../../agent/scene.ts';
import { Controller, KID, pack, shown, update } from './children-scene.ts';

const PATH = '/service/advanced-software-mgmt/software';
const TYPES = 'c8y_SupportedSoftwareTypes';
const MINUTE_MS = 60_000;

interface Scene {
  readonly world: World;
  readonly controller: Controller;
  /** The child of the current start. */
  child: AppChild | undefined;
}

function createScene(t: ExecutionContext, advancedSoftware = true, types: readonly string[] = ['plc', 'hmi']): Scene {
  const controller = new Controller();
  const driver = {
    types,
    installed: () => controller.installed().map((each) => (each.name === 'panel' ? { ...each, type: 'hmi' } : each)),
    install: controller.install.bind(controller),
    remove: controller.remove.bind(controller),
  };
  const app: App = (board) => {
    scene.child = board.child(KID, {});
    scene.child.operation(childSoftware(driver));
  };
  const scene: { -readonly [Name in keyof Scene]: Scene[Name] } = {
    world: undefined as unknown as World,
    controller,
    child: undefined,
  };
  scene.world = createSettled(t, { app, platform: { settings: { advancedSoftware } } });
  scene.world.run(20_000);
  return scene;
}

/** The software of the child known to the service. */
function told(world: World): string[] {
  return installedSoftware(world.platform.core, childOf(world, KID).id)
    .map(({ name, version, softwareType = '' }) => `${name} ${version} ${softwareType}`)
    .sort();
}

test('a child with types: one report at the start, and one before each end, with the types', (t) => {
  const { world } = createScene(t);
  t.is(calls(world, 'POST', PATH).length, 1);
  t.deepEqual(shown(world, TYPES), ['plc', 'hmi']);
  t.is(objectOf(world).fragments[TYPES], undefined, 'not those of the board');
  const first = update(world, pack(world, 'mixer', '1'), { ...pack(world, 'panel', '4'), softwareType: 'hmi' });
  t.is(first.status, 'SUCCESSFUL', first.failureReason);
  t.deepEqual(told(world), ['mixer 1 plc', 'panel 4 hmi']);
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1', panel: '4' }, 'and the inventory');
  const report = calls(world, 'POST', PATH).at(-1)?.number ?? Infinity;
  t.true(report < (calls(world, 'PUT', `/devicecontrol/operations/${first.id}`).at(-1)?.number ?? 0));
  const failed = update(world, { name: 'mixer', version: '1', action: 'delete' }, pack(world, 'forbidden', '1'));
  t.is(failed.failureReason, 'forbidden: not here');
  t.deepEqual(told(world), ['panel 4 hmi'], 'the truth, also after a failure');
  world.device.reboot();
  settle(world);
  const reports = calls(world, 'POST', PATH).length;
  world.run(60 * MINUTE_MS);
  t.true(calls(world, 'POST', PATH).length - reports <= 1);
  t.deepEqual(told(world), ['panel 4 hmi']);
});

test('other kinds of software are refused before anything is done', (t) => {
  const { world, controller } = createScene(t);
  const other = update(world, pack(world, 'mixer', '1'), { ...pack(world, 'oven', '1'), softwareType: 'deb' });
  t.is(other.failureReason, 'softwareType: allowed are plc, hmi');
  t.is(controller.packages.size, 0);
  t.is(update(world, { ...pack(world, 'mixer', '1::hmi'), softwareType: '' }).status, 'SUCCESSFUL', 'the older form');
});

test('a tenant without the service: nothing is declared, and the inventory has the list', (t) => {
  const { world } = createScene(t, false);
  t.is(calls(world, 'POST', PATH).length, 1);
  t.is(update(world, pack(world, 'mixer', '1')).status, 'SUCCESSFUL');
  t.is(calls(world, 'POST', PATH).length, 1);
  t.is(shown(world, TYPES), undefined);
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1' });
});

test('a child without types asks nobody', (t) => {
  const controller = new Controller();
  const world = createSettled(t, {
    app: (board) => board.child(KID, {}).operation(childSoftware(controller)),
    platform: { settings: { advancedSoftware: true } },
  });
  world.run(MINUTE_MS);
  t.is(update(world, pack(world, 'mixer', '1')).status, 'SUCCESSFUL');
  t.is(calls(world, 'POST', PATH).length, 0);
});

test('packages without a version, or of an unknown kind, do not spoil the report', (t) => {
  const { world, controller } = createScene(t);
  controller.packages.set('nameless', { version: '', content: '' });
  t.is(update(world, pack(world, 'mixer', '1')).status, 'SUCCESSFUL');
  t.deepEqual(told(world), ['mixer 1 plc']);
});

for (const [what, list] of [
  ['nothing', () => undefined],
  ['a list with a hole', () => [undefined]],
] as const) {
  test(`a driver that lists ${what} when the report is sent: the kinds are unknown, and the board goes on`, (t) => {
    let calls = 0;
    const app: App = (board) => {
      const child = board.child(KID, {});
      const there = [{ name: 'mixer', version: '1' }];
      const installed = () => (calls++ === 0 ? there : list()) as typeof there;
      child.operation(
        childSoftware({
          ...new Controller(),
          types: ['plc'],
          installed,
          install: () => {
            throw new Error('no');
          },
          remove() {},
        }),
      );
    };
    const world = createSettled(t, { app, platform: { settings: { advancedSoftware: true } } });
    world.run(20_000);
    t.deepEqual(told(world), ['mixer 1 plc']);
    t.deepEqual(world.device.machine.restarts, []);
    t.is(calls, 2);
  });
}

test('a service that does not answer for a while delays the end; its content is the truth then', (t) => {
  const { world } = createScene(t);
  world.platform.order({ kind: 'status', path: PATH, status: 503, times: 3 });
  const operation = update(world, pack(world, 'mixer', '1'));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(calls(world, 'POST', PATH).length, 1 + 3 + 1);
  t.deepEqual(told(world), ['mixer 1 plc']);
});

test('a child that is removed during the report: the operation ends, and nobody is asked again', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  const operation = order(world, { c8y_SoftwareUpdate: [pack(world, 'mixer', '1')] }, childOf(world, KID).id);
  world.platform.order({ kind: 'status', path: PATH, status: 503, times: 1 });
  world.runUntil(() => calls(world, 'POST', PATH).length === 2, MINUTE_MS);
  scene.child?.remove();
  runToEnd(world, [operation], 30 * MINUTE_MS);
  const reports = calls(world, 'POST', PATH).length;
  world.run(24 * 60 * MINUTE_MS);
  t.is(calls(world, 'POST', PATH).length, reports);
});

test('a capability that is replaced reports no more, and neither does one that is removed', (t) => {
  const scene = createScene(t);
  const { world, controller, child } = scene;
  const newer = new Controller();
  newer.packages.set('newer', { version: '2', content: '' });
  const driverOf = (each: Controller) => ({
    types: ['plc'],
    installed: () => each.installed(),
    install: each.install.bind(each),
    remove: each.remove.bind(each),
  });
  child?.operation(childSoftware(driverOf(controller)));
  child?.operation(childSoftware(driverOf(newer)));
  world.run(MINUTE_MS);
  t.deepEqual(told(world), ['newer 2 plc']);
  t.is(calls(world, 'POST', PATH).length, 2);
  child?.operation(childSoftware(driverOf(controller)));
  child?.removeOperation('c8y_SoftwareUpdate');
  world.run(MINUTE_MS);
  t.is(calls(world, 'POST', PATH).length, 2);
});

test('a power cut at each moment of an operation: the service has the packages on the child', (t) => {
  for (let n = 1; n <= 9; n++) {
    const { world } = createScene(t);
    const operation = order(world, { c8y_SoftwareUpdate: [pack(world, 'mixer', '1')] }, childOf(world, KID).id);
    let left = n;
    world.onApplied = () => {
      if (--left === 0) world.device.powerCut();
    };
    world.run(MINUTE_MS);
    left = Infinity;
    if (!world.device.powered) world.device.start();
    runToEnd(world, [operation], 30 * MINUTE_MS);
    world.run(MINUTE_MS);
    t.is(operation.status, 'SUCCESSFUL', `cut after request ${n}: ${operation.failureReason}`);
    t.deepEqual(told(world), ['mixer 1 plc'], `cut after request ${n}`);
  }
});

test('types that are not allowed are errors of the app', (t) => {
  for (const types of [[], [''], ['a b'], ['a/b'], Array.from({ length: 9 }, (_, n) => `t${n}`)]) {
    const app: App = (board) => {
      const child = board.child(KID, {});
      const driver = {
        ...{ types, installed: () => [], remove: () => {} },
        install: () => new Controller().take(() => {}),
      };
      t.throws(() => child.operation(childSoftware(driver)), { instanceOf: RangeError, message: /types: allowed are/ });
    };
    createSettled(t, { app });
  }
});
