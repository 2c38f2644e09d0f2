// SPDX-License-Identifier: Apache-2.0
/** `c8y_DeviceProfile`: firmware, software and configuration with one operation, over the necessary restarts. */

import test from 'ava';
import { configurationFiles, deviceProfile, restart } from '../../../src/capabilities/index.ts';
import type { Capability } from '../../../src/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { statuses } from '../../agent/operations/operating.ts';
import { calls, createSettled, objectOf, settle } from '../../agent/scene.ts';
import { imageOf } from '../firmware/firmware-scene.ts';
import { install, listed, minuteMs, modOf, upload } from '../software/software-scene.ts';
import {
  config,
  configurationOf,
  createScene,
  everything,
  firmwareOf,
  isWhole,
  order,
  PROFILE,
  profile,
  softwareOf,
  toEnd,
} from './device-profile-scene.ts';

test('firmware, software and configuration, in this order, over two restarts, with one end', (t) => {
  const world = createScene(t);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_DeviceProfile'));
  t.is(profile(world), undefined);
  const operation = toEnd(world, order(world, everything(world)));
  t.is(operation.failureReason, undefined);
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  isWhole(t, world, '');
  t.deepEqual(
    world.device.machine.restarts.map((reason) => reason.replace(/^operation \d+: /, '')),
    ['firmware 2.0.0', 'software cellar 1.0'],
  );
  const told = calls(world, 'PUT', `/inventory/managedObjects/${objectOf(world).id}`).flatMap(({ body }) => {
    const { c8y_Profile: shown } = JSON.parse(body) as { c8y_Profile?: { profileExecuted: boolean } };
    return shown === undefined ? [] : [shown.profileExecuted];
  });
  t.false(told[0]);
  t.true(told.at(-1));
  world.device.reboot();
  settle(world);
  isWhole(t, world, 'after a restart');
  // The same profile again: only the configuration is fetched, and nothing restarts.
  const since = world.requests;
  toEnd(world, order(world, everything(world)));
  t.is(calls(world, 'GET', '/inventory/binaries/*', since).length, 1);
  t.is(world.device.machine.restarts.length, 2);
});

test('name and id may stand in the fragment; parts may be missing or empty', (t) => {
  const world = createScene(t);
  const inside = order(world, { ...PROFILE, ...configurationOf(world, 'measurementInterval=77\n') }, {});
  t.is(toEnd(world, inside).status, 'SUCCESSFUL', inside.failureReason);
  t.deepEqual(profile(world), { ...PROFILE, profileExecuted: true });
  const empty = {
    firmware: { name: '', version: ' ', url: '' },
    software: [],
    ...configurationOf(world, 'pollTimeout=60\n'),
  };
  const operation = order(world, empty, { profileName: 'line\nend', profileId: 7 });
  t.is(toEnd(world, operation).status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(world.device.machine.restarts, []);
  const expected = { profileName: 'line\nend', profileId: '7', profileExecuted: true };
  t.deepEqual(profile(world), expected);
  world.device.reboot();
  settle(world);
  t.deepEqual(profile(world), expected);
});

test('software of a profile replaces the installed one', (t) => {
  const world = createScene(t);
  install(world, modOf(2), { name: 'attic' });
  const operation = toEnd(world, order(world, softwareOf(world)));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(listed(world), ['cellar 1.0']);
});

test('an invalid profile fails with the valid form and begins nothing', (t) => {
  const world = createScene(t);
  const good = configurationOf(world, 'measurementInterval=77\n');
  const cases: [JsonObject, JsonObject, RegExp][] = [
    [good, {}, /^profileName: missing$/],
    [good, { profileName: ' ' }, /^profileName: missing$/],
    [good, { profileName: {} }, /^profileName: missing$/],
    [good, { profileName: 'x'.repeat(201) }, /^profileName, profileId: have more than 200 characters$/],
    [{}, PROFILE, /^the profile is empty; allowed are firmware, software, configuration$/],
    [{ firmware: 5, software: {}, configuration: 'x' }, PROFILE, /^firmware: not an object$/],
    [{ configuration: Array(17).fill({}) }, PROFILE, /^17 parts are too many; allowed: 16$/],
  ];
  for (const [fragment, beside, reason] of cases) {
    const operation = toEnd(world, order(world, fragment, beside));
    t.is(operation.status, 'FAILED', JSON.stringify(fragment));
    t.regex(operation.failureReason ?? '', reason);
    t.is(profile(world), undefined);
  }
  t.false(config(world).includes('77'));
  world.device.machine.flash.refusing = true;
  const refused = toEnd(world, order(world, good));
  world.device.machine.flash.refusing = false;
  t.is(refused.failureReason, 'the flash refuses to note the profile, so nothing was done');
});

test('a board without one of the parts says so before it begins', (t) => {
  const world = createSettled(t, { capabilities: [restart, ...configurationFiles(), deviceProfile()] });
  const parts = { ...configurationOf(world, 'measurementInterval=77\n'), ...softwareOf(world) };
  const operation = toEnd(world, order(world, parts));
  t.is(operation.failureReason, 'software: this device has no c8y_SoftwareUpdate');
  t.is(profile(world), undefined);
});

test('a part that fails ends the profile, and the following parts are not begun', (t) => {
  const configuration = (world: World) => configurationOf(world, 'measurementInterval=77\n');
  const damaged = Buffer.from(imageOf('2.0.0', 3000));
  damaged.writeUInt8(0xff, 2500);
  const cases: [string, (world: World) => JsonObject, RegExp][] = [
    [
      'firmware',
      (world) => ({ ...firmwareOf(world, '3.0.0', imageOf('2.0.0', 3000)), ...configuration(world) }),
      /^firmware: 3\.0\.0 did not|^firmware: the new/,
    ],
    [
      'url',
      (world) => ({ firmware: { name: 'fractus', version: '2.0.0', url: '' }, ...configuration(world) }),
      /^firmware: url: missing/,
    ],
    [
      'patch',
      (world) => ({ firmware: { ...firmwareOf(world).firmware, isPatch: true }, ...configuration(world) }),
      /^firmware: isPatch/,
    ],
    [
      'name',
      (world) => ({ firmware: { version: '2.0.0' }, ...configuration(world) }),
      /^firmware: name, version: missing$/,
    ],
    [
      'type',
      (world) => ({ ...softwareOf(world, modOf(1), { softwareType: 'apt' }), ...configuration(world) }),
      /^software: softwareType: allowed is mod$/,
    ],
    [
      'delete',
      (world) => ({ ...softwareOf(world, modOf(1), { action: 'delete' }), ...configuration(world) }),
      /^software: cellar is not installed/,
    ],
    [
      '404',
      (world) => ({
        configuration: [
          { type: 'agent', url: 'https://platform.test/inventory/binaries/77777' },
          ...configuration(world).configuration,
        ],
      }),
      /^configuration\[0\]: download: HTTP 404$/,
    ],
    [
      'engine',
      (world) => ({ configuration: [{ type: 'engine', url: upload(world, 'x') }] }),
      /^configuration\[0\]: type: allowed are agent$/,
    ],
    [
      'foreign',
      () => ({ configuration: [{ type: 'agent', url: 'http://elsewhere.example/a' }] }),
      /^configuration\[0\]: .*allowed: https$/,
    ],
    [
      'second',
      (world) => configurationOf(world, 'pollTimeout=60\n', 'measurementInterval=0\n'),
      /^configuration\[1\]: measurementInterval: "0" is not allowed/,
    ],
    [
      'mod',
      (world) => ({
        ...softwareOf(
          world,
          modOf(9, () => {
            throw new Error('no sensor');
          }),
        ),
        ...configuration(world),
      }),
      /^software: cellar 1\.0 does not run/,
    ],
  ];
  for (const [what, parts, reason] of cases) {
    const world = createScene(t);
    world.toleratesPanics = true;
    const operation = toEnd(world, order(world, parts(world)));
    t.is(operation.status, 'FAILED', what);
    t.regex(operation.failureReason ?? '', reason);
    t.deepEqual(profile(world), { ...PROFILE, profileExecuted: false }, what);
    t.false(config(world).includes('77'), what);
    world.device.reboot();
    settle(world);
    t.deepEqual(profile(world), { ...PROFILE, profileExecuted: false }, what);
    // The next profile is independent.
    const next = toEnd(world, order(world, configuration(world)));
    t.is(next.status, 'SUCCESSFUL', `${what}: ${next.failureReason}`);
    t.deepEqual(profile(world), { ...PROFILE, profileExecuted: true });
  }
});

test('two profiles at once: one after the other', (t) => {
  const world = createScene(t);
  const first = order(world, everything(world));
  const second = order(world, configurationOf(world, 'measurementInterval=78\n'), { profileName: 'summer' });
  toEnd(world, first);
  toEnd(world, second);
  t.deepEqual([first.status, second.status], ['SUCCESSFUL', 'SUCCESSFUL']);
  t.regex(config(world), /^measurementInterval=78$/m);
  t.deepEqual(profile(world), { profileName: 'summer', profileId: '', profileExecuted: true });
});

test('an update that waits for its turn does not report later that it is not in force', (t) => {
  let change = () => {};
  const world = createScene(t, {}, (board) => {
    change = () => board.fragment('acme_Door', { open: true });
  });
  const path = `/inventory/managedObjects/${objectOf(world).id}`;
  world.platform.order({ kind: 'status', status: 503, method: 'PUT', path, contains: 'acme_Door', times: 8 });
  change();
  world.run(20_000);
  const operation = toEnd(world, order(world, configurationOf(world, 'measurementInterval=77\n')));
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  world.runUntil(() => objectOf(world).fragments['acme_Door'] !== undefined, 60 * minuteMs);
  t.deepEqual(profile(world), { ...PROFILE, profileExecuted: true });
});

test('a handler of a part may return anything, and its recovery may be rejected', async (t) => {
  const capabilities: Capability[] = [
    deviceProfile(),
    { name: 'c8y_Firmware', run: (operation) => [operation.succeed()] as never },
    { name: 'c8y_SoftwareUpdate', run() {}, recover: () => Promise.reject(new Error('the drive is lost')) as never },
  ];
  const world = createScene(t, { capabilities });
  const operation = order(world, { ...firmwareOf(world), ...softwareOf(world) });
  world.run(10_000);
  t.is(operation.status, 'EXECUTING', operation.failureReason);
  world.device.reboot();
  world.run(60_000);
  await new Promise(setImmediate);
  world.run(10_000);
  t.is(operation.failureReason, 'software: the drive is lost');
});
