// SPDX-License-Identifier: Apache-2.0
/** Firmware that its owner has signed, and what a device does with any other. */

import test from 'ava';
import { verifyP256 } from '../../../hal/node/verify.ts';
import { signatureFault, signatureLine, signedFirmware } from '../../../src/capabilities/firmware/signed-firmware.ts';
import { type SigningKey, signFirmware } from '../../../tools/moddable/firmware/firmware-signature.ts';
import { objectOf } from '../../agent/scene.ts';
import { createScene, fileOf, imageOf, makeKey, order, runToEnd } from './firmware-scene.ts';

const ours = makeKey();
const next = makeKey();
const theirs = makeKey();
const idOf = ({ publicKey }: SigningKey) => publicKey.slice(0, 8);

/** The file with another head. */
function changed(file: Buffer, change: (head: string) => string): Buffer {
  const end = file.indexOf('\n\n') + 2;
  return Buffer.concat([Buffer.from(change(file.subarray(0, end).toString())), file.subarray(end)]);
}

test('what a trusted key has signed is installed as any other, also where others have signed it, too', (t) => {
  for (const signers of [[ours], [theirs, ours], [theirs, next, ours]]) {
    const world = createScene(t, signedFirmware(ours.publicKey));
    const operation = order(world, signFirmware(fileOf('2.0.0'), signers));
    runToEnd(world, operation);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    t.is(world.device.machine.hal?.board.firmware.version, '2.0.0');
    t.like(objectOf(world).fragments['c8y_Firmware'], { version: '2.0.0' });
  }
});

test('anything else changes nothing: not a byte of flash is written, and the operation says what is wrong', (t) => {
  const image = imageOf('2.0.0');
  const good = signFirmware(fileOf('2.0.0'), [ours]);
  const damaged = Buffer.from(good);
  damaged.writeUInt8(0xff, good.length - 1);
  const line = (id: string, text: string) => `signature ${id} ${text}\n`;
  const withLine = (each: string) => changed(fileOf('2.0.0'), (head) => `${head.slice(0, -1)}${each}\n`);
  const other = imageOf('2.0.0', 20_001);
  const cases: [string, Buffer, RegExp][] = [
    ['not signed', fileOf('2.0.0'), /not signed; this device needs a signature by \S{8}$/],
    [
      'signed by another key',
      signFirmware(fileOf('2.0.0'), [theirs]),
      new RegExp(`signed by ${idOf(theirs)}; .*${idOf(ours)}`),
    ],
    [
      'signed by two of them',
      signFirmware(fileOf('2.0.0'), [theirs, next]),
      new RegExp(`by ${idOf(theirs)} ${idOf(next)};`),
    ],
    ['another version', changed(good, (head) => head.replace('2.0.0', '2.0.1')), /signature is wrong/],
    ['another size', changed(good, (head) => head.replace('bytes 20000', 'bytes 20001')), /signature is wrong/],
    [
      'a line before the signature',
      changed(good, (head) => head.replace('\nsignature', '\nmore 1\nsignature')),
      /signature is wrong/,
    ],
    ['a line behind it', changed(good, (head) => `${head.slice(0, -1)}name fractus\n\n`), /signatures are damaged/],
    ['a blank in front', changed(good, (head) => head.replace('\nsignature', '\n signature')), /not signed/],
    [
      'the signature of another file',
      changed(
        fileOf('2.0.0', other),
        (head) => `${head.slice(0, -1)}${/signature .*\n/.exec(good.toString('latin1'))?.[0]}\n`,
      ),
      /signature is wrong/,
    ],
    [
      'the name of our key, signed by theirs',
      changed(signFirmware(fileOf('2.0.0'), [theirs]), (head) => head.replace(idOf(theirs), idOf(ours))),
      /signature is wrong/,
    ],
    ['no signature behind the name', withLine(signatureLine(ours.publicKey, '')), /signature is wrong/],
    ['no base64', withLine(line(idOf(ours), '?ä!')), /signatures are damaged/],
    ['half a byte', withLine(line(idOf(ours), 'AAAAA')), /signature is wrong/],
    ['a short name', withLine(line('B', 'AAAA')), /signatures are damaged/],
    ['no name', withLine('signature \n'), /signatures are damaged/],
    ['five signatures', withLine(line(idOf(theirs), 'AAAA').repeat(5)), /or more than 4/],
    ['cut in its head', good.subarray(0, good.indexOf('signature') + 20), /its head is incomplete/],
  ];
  const world = createScene(t, signedFirmware(ours.publicKey));
  for (const [what, file, reason] of cases) {
    const operation = order(world, file);
    runToEnd(world, operation);
    t.is(operation.status, 'FAILED', what);
    t.regex(operation.failureReason ?? '', reason, what);
    t.deepEqual(world.device.machine.firmware.image, [], what);
  }
  // These are found out later; what was written then never starts.
  for (const [file, reason] of [
    [damaged, /image is damaged/],
    [good.subarray(0, -1), /cut short/],
    [Buffer.concat([good, Buffer.from('x')]), /longer than it says/],
  ] as const) {
    const operation = order(world, file);
    runToEnd(world, operation);
    t.regex(operation.failureReason ?? '', reason);
  }
  t.deepEqual(world.device.machine.restarts, []);
  t.is(world.device.machine.slots.other, 'nothing');
  const operation = order(world, good);
  runToEnd(world, operation);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(Buffer.from(world.device.machine.firmware.image), image);
});

test('keys change: devices of the old key and of both take what is signed by both, and those of the new one alone', (t) => {
  const bySigner = {
    ours: signFirmware(fileOf('2.0.0'), [ours]),
    both: signFirmware(fileOf('2.0.0'), [ours, next]),
    next: signFirmware(fileOf('2.0.0'), [next]),
  };
  for (const [trusted, expected] of [
    [[ours], ['ours', 'both']],
    [
      [ours, next],
      ['ours', 'both', 'next'],
    ],
    [
      [next, ours],
      ['ours', 'both', 'next'],
    ],
    [[next], ['both', 'next']],
  ] as const) {
    const taken = Object.entries(bySigner).filter(([, file]) => {
      const world = createScene(t, signedFirmware(...trusted.map(({ publicKey }) => publicKey)));
      const operation = order(world, file);
      runToEnd(world, operation);
      return operation.status === 'SUCCESSFUL';
    });
    t.deepEqual(
      taken.map(([name]) => name),
      expected,
    );
  }
});

test('a power cut at any moment leaves nothing that is not signed', (t) => {
  for (let cutMs = 0; cutMs < 800; cutMs += 40) {
    const world = createScene(t, signedFirmware(ours.publicKey));
    const operation = order(world, signFirmware(fileOf('2.0.0'), [theirs]));
    world.run(cutMs);
    world.device.reboot();
    runToEnd(world, operation);
    t.is(operation.status, 'FAILED');
    t.is(world.device.machine.hal?.board.firmware.version, '0.0.0');
    t.deepEqual(world.device.machine.firmware.image, []);
  }
});

test('where signatures cannot be told, none is believed; keys that are none are a mistake of the program', (t) => {
  const { publicKey } = ours;
  const head = signFirmware(fileOf('2.0.0'), [ours]).toString('latin1').split('\n\n', 1)[0];
  t.is(signatureFault(`${head}\n`, [publicKey], { verify: verifyP256 }), undefined);
  t.regex(signatureFault(`${head}\n`, [publicKey], {}) ?? '', /cannot verify signatures/);
  for (const keys of [[], [''], [publicKey.slice(1)], [`${publicKey}=`], [publicKey, 'x'], Array(5).fill(publicKey)]) {
    t.throws(() => signedFirmware(...keys), { instanceOf: RangeError, message: /1 to 4 public keys/ });
  }
});
