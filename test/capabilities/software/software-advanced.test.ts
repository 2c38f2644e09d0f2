// SPDX-License-Identifier: Apache-2.0
/** Advanced software management: the installed software is sent to the service, in tenants that have it. */

import test, { type ExecutionContext } from 'ava';
import { installedSoftware } from '../../../tools/platform/inventory/software.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { calls, objectOf, settle } from '../../agent/scene.ts';
import { createScene, install, isEnded, listed, minuteMs, modOf, order, update, upload } from './software-scene.ts';

const PATH = '/service/advanced-software-mgmt/software';

function createAdvanced(t: ExecutionContext, options: WorldOptions = {}): World {
  const world = createScene(t, { platform: { settings: { advancedSoftware: true } }, ...options });
  world.run(10_000);
  return world;
}

/** The software known to the service, without that of the firmware. */
function shown(world: World): string[] {
  return installedSoftware(world.platform.core, objectOf(world).id)
    .map(({ name, version, softwareType = '' }) => `${name} ${version} ${softwareType}`.trimEnd())
    .filter((each) => !each.startsWith('fractus '));
}

test('a start sends the complete list once and declares the type', (t) => {
  const world = createAdvanced(t);
  t.is(calls(world, 'POST', PATH).length, 1);
  t.deepEqual(objectOf(world).fragments['c8y_SupportedSoftwareTypes'], ['mod']);
  const all = installedSoftware(world.platform.core, objectOf(world).id);
  t.deepEqual(
    all.map(({ name }) => name),
    ['fractus'],
  );
  world.run(60 * minuteMs);
  t.is(calls(world, 'POST', PATH).length, 1);
});

test('installed, replaced, deleted: the service is told before the operation ends, with the type', (t) => {
  const world = createAdvanced(t);
  const first = install(world, modOf(1));
  t.is(first.status, 'SUCCESSFUL', first.failureReason);
  t.deepEqual(shown(world), ['cellar 1.0 mod']);
  t.deepEqual(listed(world), ['cellar 1.0'], 'and in the inventory');
  const told = calls(world, 'POST', PATH).at(-1)?.number ?? Infinity;
  const end = calls(world, 'PUT', `/devicecontrol/operations/${first.id}`).at(-1)?.number ?? 0;
  t.true(told < end);
  t.is(install(world, modOf(2), { version: '2.0' }).status, 'SUCCESSFUL');
  t.deepEqual(shown(world), ['cellar 2.0 mod']);
  t.is(update(world, [{ name: 'cellar', version: '2.0', action: 'delete' }]).status, 'SUCCESSFUL');
  t.deepEqual(shown(world), []);
});

test('a tenant without the service is asked once for each start, and nothing is declared', (t) => {
  const world = createScene(t);
  world.run(10_000);
  t.is(calls(world, 'POST', PATH).length, 1);
  t.is(install(world, modOf(1)).status, 'SUCCESSFUL');
  t.is(calls(world, 'POST', PATH).length, 2, 'of the start after it');
  t.is(objectOf(world).fragments['c8y_SupportedSoftwareTypes'], undefined);
  t.deepEqual(listed(world), ['cellar 1.0']);
});

test('the service fails for a while: retried with pauses, and the operation waits', (t) => {
  const world = createAdvanced(t);
  world.platform.order({ kind: 'status', path: PATH, status: 503, times: 3 });
  const operation = install(world, modOf(1));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(shown(world), ['cellar 1.0 mod']);
  t.is(calls(world, 'POST', PATH).length, 1 + 3 + 2);
});

test('the service fails for long: the operation ends and the inventory is updated; the service is retried ever more rarely', (t) => {
  const world = createScene(t);
  world.run(10_000);
  const fault = world.platform.order({ kind: 'status', path: PATH, status: 503, times: 1000 });
  const operation = install(world, modOf(1));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(listed(world), ['cellar 1.0']);
  const asked = calls(world, 'POST', PATH).length;
  world.run(75 * minuteMs);
  t.is(
    calls(world, 'POST', PATH).length,
    asked + 2,
    'after 20 and 40 minutes: it was put off at the start, and for the operation',
  );
  t.is(world.device.lines.filter((line) => line.includes('advanced software management does not answer')).length, 1);
  world.platform.settings.advancedSoftware = true;
  world.platform.cancel(fault);
  world.run(80 * minuteMs);
  t.is(calls(world, 'POST', PATH).length, asked + 3);
  t.deepEqual(shown(world), ['cellar 1.0 mod']);
  t.deepEqual(objectOf(world).fragments['c8y_SupportedSoftwareTypes'], ['mod']);
});

test('an empty 200 of another server says nothing about the tenant', (t) => {
  const world = createAdvanced(t);
  world.platform.order({ kind: 'status', path: PATH, status: 200, body: '', mediaType: 'text/html', times: 2 });
  t.is(install(world, modOf(1)).status, 'SUCCESSFUL');
  t.deepEqual(shown(world), ['cellar 1.0 mod']);
});

test('a power cut at each request to the service: in the end it has the running software', (t) => {
  for (let n = 1; n <= 5; n++) {
    const world = createAdvanced(t);
    let left = n;
    world.onApplied = () => {
      if (calls(world, 'POST', PATH).length > 1 && --left === 0) world.device.powerCut();
    };
    const url = upload(world, modOf(1));
    const operation = order(world, [{ name: 'cellar', version: '1.0', url, softwareType: 'mod', action: 'install' }]);
    world.run(5 * minuteMs);
    left = Number.POSITIVE_INFINITY;
    world.device.start();
    settle(world);
    world.runUntil(() => isEnded(operation), 30 * minuteMs);
    world.run(minuteMs);
    t.is(operation.status, 'SUCCESSFUL', `${n}: ${operation.failureReason}`);
    t.deepEqual(shown(world), ['cellar 1.0 mod'], `${n}`);
  }
});

test('a change while the list is on its way is sent again', (t) => {
  const world = createAdvanced(t);
  t.is(install(world, modOf(1)).status, 'SUCCESSFUL');
  world.platform.order({ kind: 'delay', path: PATH, ms: 20_000 });
  const first = createOperation(world.platform, objectOf(world).id, {
    c8y_SoftwareUpdate: [{ name: 'cellar', version: '1.0', action: 'install' }],
  });
  world.runUntil(() => isEnded(first), minuteMs);
  t.is(first.status, 'SUCCESSFUL', 'it is there already');
  t.deepEqual(shown(world), ['cellar 1.0 mod']);
});
