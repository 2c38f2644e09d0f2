// SPDX-License-Identifier: Apache-2.0
/** Firmware on a device that takes no older one. */

import test from 'ava';
import { compareVersions } from '../../../src/capabilities/firmware/newer-firmware.ts';
import { firmware, onlyNewer, restart, signedFirmware } from '../../../src/capabilities/index.ts';
import { signFirmware } from '../../../tools/moddable/firmware/firmware-signature.ts';
import { calls } from '../../agent/scene.ts';
import fc from '../../support/property.ts';
import { createScene, fileOf, makeKey, order, runToEnd } from './firmware-scene.ts';

test('a newer one is taken, an older one is not, before a byte of flash is erased', (t) => {
  const world = createScene(t, onlyNewer(firmware));
  const update = order(world, fileOf('2.0.0'));
  runToEnd(world, update);
  t.is(update.status, 'SUCCESSFUL', update.failureReason);
  const installed = Buffer.from(world.device.machine.firmware.image);
  const back = order(world, fileOf('1.9.9'), { version: '1.9.9' });
  runToEnd(world, back);
  t.is(back.failureReason, 'download: 1.9.9 is older than 2.0.0, which runs: this device takes no older firmware');
  t.deepEqual(Buffer.from(world.device.machine.firmware.image), installed);
  t.is(world.device.machine.hal?.board.firmware.version, '2.0.0');
  const same = order(world, fileOf('2.0.0'));
  const before = calls(world, 'GET', '/inventory/binaries/*').length;
  runToEnd(world, same);
  t.is(same.status, 'SUCCESSFUL');
  t.is(calls(world, 'GET', '/inventory/binaries/*').length, before, 'what runs is not fetched');
});

test('control: firmware alone takes an older one', (t) => {
  const world = createScene(t);
  for (const version of ['2.0.0', '1.9.9']) {
    const operation = order(world, fileOf(version), { version });
    runToEnd(world, operation);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  }
  t.is(world.device.machine.hal?.board.firmware.version, '1.9.9');
});

test('with signatures: both have to be right, and the signature is looked at first', (t) => {
  const [ours, theirs] = [makeKey(), makeKey()];
  const world = createScene(t, onlyNewer(signedFirmware(ours.publicKey)));
  const ends = [
    [signFirmware(fileOf('2.0.0'), [ours]), '2.0.0', undefined],
    [signFirmware(fileOf('1.0.0'), [ours]), '1.0.0', /1\.0\.0 is older than 2\.0\.0/],
    [signFirmware(fileOf('1.0.0'), [theirs]), '1.0.0', /the firmware is signed by/],
    [signFirmware(fileOf('3.0.0'), [theirs]), '3.0.0', /the firmware is signed by/],
  ] as const;
  for (const [file, version, reason] of ends) {
    const operation = order(world, file, { version });
    runToEnd(world, operation);
    if (reason === undefined) t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    else t.regex(operation.failureReason ?? '', reason);
  }
});

test('onlyNewer takes firmware capabilities alone', (t) => {
  t.throws(() => onlyNewer(restart), { instanceOf: RangeError, message: /^onlyNewer: allowed are firmware/ });
});

test('Semantic Versioning §11, and what people write besides', (t) => {
  const rising = [
    [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
    ],
    [
      '0.9',
      '0.10',
      '1',
      '1.0.1',
      'v1.2.0',
      '1.10.0',
      '2026.9.30',
      '2026.11.29',
      '99999999999999999999.0',
      '100000000000000000000.0',
    ],
  ];
  for (const list of rising) {
    list.forEach((a, i) => {
      list.forEach((b, j) => {
        t.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`);
      });
    });
  }
  for (const [a, b] of [
    ['1.0', '1.0.0'],
    ['1.2.3+5', '1.2.3+4'],
    ['v1.2', '1.2'],
    ['01.2', '1.2'],
    ['', ''],
  ] as const)
    t.is(compareVersions(a, b), 0, `${a} ${b}`);
});

test('property: one order, whatever they are', (t) => {
  const version = fc.oneof(
    fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      t.is(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0);
      t.is(compareVersions(a, a), 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        t.true(compareVersions(a, c) <= 0, `${a} ${b} ${c}`);
    }),
  );
});
