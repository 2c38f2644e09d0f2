// SPDX-License-Identifier: Apache-2.0
/** `c8y_SoftwareUpdate`: the mod slot as a package, and the truth about it. */

import { createHash } from 'node:crypto';
import test from 'ava';
import { CAPABILITIES, software } from '../../../src/capabilities/index.ts';
import type { Json } from '../../../tools/platform/model.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import { statuses } from '../../agent/operations/operating.ts';
import { calls, createSettled, objectOf, settle } from '../../agent/scene.ts';
import {
  CAPACITY_BYTES,
  createScene,
  install,
  isEnded,
  listed,
  minuteMs,
  modOf,
  order,
  packageOf,
  update,
  upload,
} from './software-scene.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('a package is installed, runs after the restart, and is listed before the operation ends', (t) => {
  const world = createScene(t);
  t.true((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_SoftwareUpdate'));
  let ran = 0;
  const bytes = modOf(1, () => void ran++);
  const { status, failureReason, id } = install(world, bytes, { sha256: sha256(bytes) });
  t.is(status, 'SUCCESSFUL', failureReason);
  t.is(ran, 1);
  t.deepEqual(world.device.machine.modules.place, bytes);
  t.deepEqual(listed(world), ['cellar 1.0']);
  const [own] = objectOf(world).fragments['c8y_SoftwareList'] as { url: string }[];
  t.regex(own?.url ?? '', /^https:\/\/platform\.test\/inventory\/binaries\/\d+$/);
  t.is(world.device.machine.restarts.length, 1);
  const end = calls(world, 'PUT', `/devicecontrol/operations/${id}`).at(-1);
  const list = calls(world, 'PUT', `/inventory/managedObjects/${objectOf(world).id}`).at(-1);
  t.true(list?.body.includes('"cellar"'));
  t.true((list?.number ?? Infinity) < (end?.number ?? 0));
  world.device.reboot();
  settle(world);
  t.deepEqual(listed(world), ['cellar 1.0']);
  t.is(ran, 2);
});

test('an installed version is SUCCESSFUL at once; another one replaces it; a deleted one is gone', (t) => {
  const world = createScene(t);
  const first = modOf(1);
  install(world, first);
  const { restarts } = world.device.machine;
  t.is(install(world, 'not even looked at').status, 'SUCCESSFUL');
  t.is(restarts.length, 1);
  const second = modOf(2);
  t.is(install(world, second, { version: '1.1::mod', softwareType: ' ', action: 'update' }).status, 'SUCCESSFUL');
  t.deepEqual(world.device.machine.modules.place, second);
  t.deepEqual(listed(world), ['cellar 1.1']);
  const removed = update(world, [{ name: 'cellar', version: '1.1', action: 'delete' }]);
  t.is(removed.status, 'SUCCESSFUL', removed.failureReason);
  t.is(world.device.machine.modules.place, undefined);
  t.deepEqual(listed(world), []);
  t.is(restarts.length, 3);
  t.is(
    update(world, [{ name: 'cellar', version: '1.1', action: 'delete' }]).failureReason,
    'cellar is not installed; nothing is installed',
  );
});

test('one slot: two packages at once are refused, and another name requires deletion of the installed one', (t) => {
  const world = createScene(t);
  const [first, second] = [modOf(1), modOf(2)];
  const element = (name: string, bytes: Uint8Array, action = 'install') => ({
    name,
    version: '1.0',
    url: upload(world, bytes),
    action,
  });
  const two = update(world, [element('attic', first), element('cellar', second)]);
  t.is(two.failureReason, 'there is one place for software: attic and cellar cannot both be in it');
  t.is(update(world, [element('attic', first)]).status, 'SUCCESSFUL');
  const other = update(world, [element('cellar', second)]);
  t.is(
    other.failureReason,
    'there is one place for software, and installed is attic 1.0: delete it with the same operation',
  );
  t.deepEqual(listed(world), ['attic 1.0']);
  for (const packages of [
    [element('attic', first, 'delete'), element('cellar', second)],
    [element('attic', first), element('cellar', second, 'delete')],
  ]) {
    const both = update(world, packages);
    t.is(both.status, 'SUCCESSFUL', both.failureReason);
  }
  t.deepEqual(listed(world), ['attic 1.0']);
});

test('an invalid update fails with the valid form and changes nothing', (t) => {
  const world = createScene(t, {}, (board) => board.software('pump', '3'));
  const bytes = modOf(1, (board, app) => app(board));
  install(world, bytes);
  const good = { name: 'cellar', version: '2.0', url: upload(world, modOf(2)), action: 'install' };
  const cases: [Json, RegExp][] = [
    [{}, /^allowed is a list of packages/],
    [[], /^allowed is a list of packages/],
    ['install', /^allowed is a list of packages/],
    [Array(9).fill(good), /^9 packages are too many; allowed: 8$/],
    [[5], /^name: missing$/],
    [[{ ...good, name: 7 }], /^name: missing$/],
    [[{ ...good, name: '../../etc' }], /^software: the name "\.\.\/\.\.\/etc" is not allowed/],
    [[{ ...good, name: 'a"b' }], /^software: the name/],
    [[{ ...good, name: 'x'.repeat(200) }], /^name: has more than 100 characters$/],
    [[{ ...good, version: undefined as never }], /^version: allowed are/],
    [[{ ...good, version: '1 0' }], /^version: allowed are/],
    [[{ ...good, softwareType: 'apt' }], /^softwareType: allowed is mod$/],
    [[{ ...good, version: '1::apt' }], /^softwareType: allowed is mod$/],
    [[{ ...good, action: undefined as never }], /^action: allowed are install, delete$/],
    [[{ ...good, action: 'erase' }], /^action: allowed are install, delete$/],
    [[{ ...good, sha256: 'abc' }], /^sha256: allowed are 64/],
    [[{ ...good, sha256: sha256(bytes) }], /^the archive is damaged: its SHA-256 differs$/],
    [[{ ...good, url: ' ' }], /^url: missing, and this device has no source of its own$/],
    [[{ ...good, url: '$PROVIDED' }], /^url: missing/],
    [[{ ...good, url: 'ftp://platform.test/a' }], /allowed: http/],
    [[{ ...good, url: 'http://elsewhere.example/a' }], /allowed: https/],
    [[{ ...good, url: 'https://platform.test/inventory/binaries/77777' }], /^download: HTTP 404$/],
    [[{ ...good, url: upload(world, '<html>a portal</html>'.repeat(9)) }], /not the requested content/],
    [[{ ...good, url: upload(world, '') }], /^download: the file is empty$/],
    [[{ ...good, url: upload(world, bytes.subarray(0, 20)) }], /^the archive is cut short$/],
    [[{ ...good, url: upload(world, bytes.subarray(0, 900)) }], /the file has 900 bytes, and its archive says 1500/],
    [
      [{ ...good, url: upload(world, modOf(3, undefined, CAPACITY_BYTES + 1)) }],
      /has 4001 bytes, and the board has room for 4000/,
    ],
    [
      [
        {
          ...good,
          url: upload(
            world,
            bytes.map((byte, at) => (at === 700 ? byte ^ 1 : byte)),
          ),
        },
      ],
      /^the board refuses the archive/,
    ],
    [[{ ...good, name: 'pump' }], /^pump is a part of the firmware$/],
    [[{ ...good, name: 'fractus', action: 'delete' }], /^fractus is a part of the firmware$/],
    [[{ name: 'attic', action: 'delete' }], /^attic is not installed; installed is cellar 1\.0$/],
    [
      [{ name: 'cellar', version: '0.9', action: 'delete' }],
      /^cellar 0\.9 is not installed; installed is cellar 1\.0$/,
    ],
  ];
  const { restarts } = world.device.machine;
  for (const [packages, reason] of cases) {
    const operation = update(world, packages);
    t.is(operation.status, 'FAILED', JSON.stringify(packages));
    t.regex(operation.failureReason ?? '', reason);
    t.deepEqual(world.device.machine.modules.place, bytes);
    t.is(world.device.machine.modules.next, undefined);
  }
  t.is(restarts.length, 1);
  world.device.reboot();
  settle(world);
  t.deepEqual(listed(world).sort(), ['cellar 1.0', 'pump 3']);
});

test('a mod that throws, does not load or crashes is left out, and the operation, the list and an alarm say so', (t) => {
  let crash = () => {};
  const cases = [
    modOf(11, () => {
      throw new Error('no sensor');
    }),
    modOf(12, 'no function' as never),
    modOf(13, (board) => {
      const timer = board.hal.createTimer(() => {
        throw new Error('a defect');
      });
      timer.start(5000);
    }),
  ];
  for (const bytes of cases) {
    const world = createScene(t);
    world.toleratesPanics = true;
    const operation = install(world, bytes);
    t.is(operation.failureReason, 'cellar 1.0 does not run: it does not load, or crashes');
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.deepEqual(listed(world), []);
    const [alarm] = alarmsOf(world.platform, objectOf(world).id);
    t.like(alarm?.fragments, { type: 'fractus_ModLeftOut', status: 'ACTIVE' });
    const removed = update(world, [{ name: 'cellar', action: 'delete' }]);
    t.is(removed.status, 'SUCCESSFUL', removed.failureReason);
    t.is(world.device.machine.modules.place, undefined);
  }
  // A mod that begins well and crashes later.
  const world = createScene(t);
  world.toleratesPanics = true;
  const late = modOf(14, (board) => {
    const timer = board.hal.createTimer(() => {
      throw new Error('a defect');
    });
    crash = () => timer.start(0);
  });
  t.is(install(world, late).status, 'SUCCESSFUL');
  for (let i = 0; i < 2; i++) {
    crash();
    world.run(minuteMs);
    settle(world);
  }
  t.deepEqual(listed(world), []);
  t.is(alarmsOf(world.platform, objectOf(world).id).length, 1);
});

test('a mod flashed by hand is named `mod`, and can be deleted and replaced by that name', (t) => {
  const world = createScene(t);
  install(world, modOf(1));
  world.device.powerCut();
  world.device.machine.modules.place = modOf(2);
  world.device.start();
  settle(world);
  const [only = ''] = listed(world);
  t.regex(only, /^mod [0-9a-f]{1,8}$/);
  t.is(update(world, [{ name: 'cellar', action: 'delete' }]).status, 'FAILED');
  t.is(install(world, modOf(3), { name: 'mod', version: '7' }).status, 'SUCCESSFUL');
  t.deepEqual(listed(world), ['mod 7']);
});

test('a mod that names itself keeps its name', (t) => {
  const world = createScene(t);
  t.is(
    install(
      world,
      modOf(1, (board) => board.software('mod', 'of the winter')),
    ).status,
    'SUCCESSFUL',
  );
  t.deepEqual(listed(world).sort(), ['cellar 1.0', 'mod of the winter']);
});

test('a board without a mod slot does not offer the operation', (t) => {
  const world = createSettled(t, { capabilities: [...CAPABILITIES, software()] });
  t.false((objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes('c8y_SoftwareUpdate'));
});

test('flash that refuses: nothing is installed or removed, and the reason says so', (t) => {
  const world = createScene(t);
  const { modules, flash } = world.device.machine;
  flash.refusing = true;
  t.regex(install(world, modOf(1)).failureReason ?? '', /^the flash refuses to note the package/);
  flash.refusing = false;
  modules.onChange = () => 'refused';
  t.is(install(world, modOf(1)).failureReason, 'download: the flash refuses the archive');
  modules.onChange = undefined;
  const first = modOf(1);
  install(world, first);
  modules.onChange = () => 'refused';
  t.is(
    update(world, [{ name: 'cellar', action: 'delete' }]).failureReason,
    'the flash refuses, so nothing was removed',
  );
  modules.onChange = undefined;
  world.device.reboot();
  settle(world);
  t.deepEqual(listed(world), ['cellar 1.0']);
});

test('an operation past its timeout fetches and installs nothing more', (t) => {
  const world = createScene(t, { machine: { modulesBytes: 65_536 } });
  const url = upload(world, modOf(1, undefined, 60_000));
  const path = '/inventory/binaries/*';
  const operation = order(world, packageOf(url));
  // It progresses a little every eight minutes.
  for (let i = 0; i < 5 && !isEnded(operation); i++) {
    world.platform.cancel();
    world.platform.order({ kind: 'truncate', bytes: 5000, method: 'GET', path });
    world.platform.order({ kind: 'status', status: 503, method: 'GET', path, times: 1e6, skip: 1 });
    world.run(8 * minuteMs);
  }
  t.is(operation.failureReason, 'the operation took too long');
  const since = world.requests;
  world.platform.cancel();
  world.run(60 * minuteMs);
  t.is(calls(world, 'GET', path, since).length, 0);
  t.is(world.device.machine.modules.next, undefined);
  t.is(world.device.machine.restarts.length, 0);
  t.is(update(world, packageOf(url)).status, 'SUCCESSFUL');
});
