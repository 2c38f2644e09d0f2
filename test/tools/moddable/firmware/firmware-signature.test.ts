// SPDX-License-Identifier: Apache-2.0

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { isPublicKey } from '../../../../src/capabilities/firmware/signed-firmware.ts';
import { firmwareFile } from '../../../../tools/moddable/firmware/firmware-file.ts';
import {
  createSigningKey,
  PASSPHRASE,
  readSigningKey,
  refusalOf,
  signFirmware,
  trustNote,
} from '../../../../tools/moddable/firmware/firmware-signature.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'fractus-sign-'));
const inFolder = (name: string) => path.join(folder, name);

function makeKey(name: string) {
  createSigningKey(inFolder(name));
  return readSigningKey(inFolder(name));
}

const [ours, next, theirs] = [makeKey('ours.key'), makeKey('next.key'), makeKey('theirs.key')];
const image = Uint8Array.from({ length: 3000 }, (_, at) => (at === 0 ? 0xe9 : at === 12 ? 5 : 0x5a));
image[13] = 0;
const unsigned = firmwareFile(image, { name: 'weather', version: '1.2.0' });

test('a new key is kept where only its owner reads it, and no file is written over', (t) => {
  const file = inFolder('new.key');
  const publicKey = createSigningKey(file);
  t.true(isPublicKey(publicKey));
  t.is(readSigningKey(file).publicKey, publicKey);
  t.is(statSync(file).mode & 0o777, 0o600);
  const before = readFileSync(file);
  t.throws(() => createSigningKey(file), { message: /it exists already, and is not overwritten/ });
  t.deepEqual(readFileSync(file), before);
});

test.serial('a passphrase encrypts it, and is asked for', (t) => {
  const file = inFolder('secret.key');
  process.env[PASSPHRASE] = 'correct horse';
  t.teardown(() => {
    delete process.env[PASSPHRASE];
  });
  const publicKey = createSigningKey(file);
  t.true(readFileSync(file, 'utf8').startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----'));
  t.is(readSigningKey(file).publicKey, publicKey);
  for (const wrong of ['', 'wrong', undefined]) {
    if (wrong === undefined) delete process.env[PASSPHRASE];
    else process.env[PASSPHRASE] = wrong;
    const { message = '' } = t.throws(() => readSigningKey(file)) ?? {};
    t.is(message, `${file}: ${PASSPHRASE} is missing or wrong`);
  }
});

test('a file that is not a private key of P-256 is refused, and its content is not shown', (t) => {
  const pkcs8 = { format: 'pem', type: 'pkcs8' } as const;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8);
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export(pkcs8);
  const cases = [
    [rsa, /not a key of the curve P-256/],
    [p384, /not a key of the curve P-256/],
    ['the-secret-of-somebody', /no private key in PEM/],
    [readFileSync(inFolder('ours.key'), 'utf8').slice(0, 60), /no private key in PEM/],
    ['', /no private key in PEM/],
  ] as const;
  for (const [index, [content, message]] of cases.entries()) {
    const file = inFolder(`bad-${index}.key`);
    writeFileSync(file, content);
    const error = t.throws(() => readSigningKey(file), { message });
    const said = error?.message.replace(file, '') ?? '';
    t.false(said.includes('secret') || said.includes('MI'));
  }
});

test('signatures stand in the head, the image is as it was; one again takes the place of the first, those of others stay', (t) => {
  const once = signFirmware(unsigned, [ours]);
  const both = signFirmware(once, [next]);
  const again = signFirmware(both, [ours]);
  t.deepEqual(once.subarray(-image.length), Buffer.from(image));
  const signers = (file: Buffer) =>
    [...file.toString('latin1').matchAll(/^signature (\S{8}) \S+$/gm)].map(([, id]) => id);
  const [our, other] = [ours, next].map(({ publicKey }) => publicKey.slice(0, 8));
  t.deepEqual(signers(once), [our]);
  t.deepEqual(signers(both), [our, other]);
  t.deepEqual(signers(again), [other, our]);
  for (const file of [once, both, again]) t.is(refusalOf(file, [ours.publicKey]), undefined);
  t.is(refusalOf(both, [next.publicKey]), undefined);
  t.regex(refusalOf(both, [theirs.publicKey]) ?? '', /signed by .* this device needs a signature by/);
  t.regex(refusalOf(unsigned, [ours.publicKey]) ?? '', /not signed/);
  t.deepEqual(signFirmware(unsigned, []), unsigned);
});

test('nothing is signed that no device would take', (t) => {
  const damaged = Buffer.from(unsigned);
  damaged.writeUInt8(0, damaged.length - 1);
  for (const file of [damaged, unsigned.subarray(0, -1), Buffer.concat([unsigned, unsigned])]) {
    t.throws(() => signFirmware(file, [ours]), { message: /the firmware is damaged/ });
  }
  for (const file of [image, Buffer.alloc(0), unsigned.subarray(5)]) {
    t.throws(() => signFirmware(file, [ours]), { message: /not a firmware/ });
  }
  const many = [ours, next, theirs, makeKey('four.key'), makeKey('five.key')];
  t.notThrows(() => signFirmware(unsigned, many.slice(1)));
  t.throws(() => signFirmware(unsigned, many), { message: /at most 4 signatures/ });
  const long = firmwareFile(image, { name: 'x'.repeat(128), version: 'y'.repeat(600) });
  t.throws(() => signFirmware(long, many.slice(1)), { message: /more than 1024 bytes/ });
  t.throws(() => refusalOf(unsigned, ['not a key']), { message: /"not a key" is not a public key/ });
});

test('the build reports signatures that do not fit the project', (t) => {
  const module = inFolder('main.js');
  t.is(trustNote(inFolder('nothing.js'), []), undefined);
  for (const [code, keys, note] of [
    ['start(app)', [], undefined],
    ['start(app)', [ours], /also accept unsigned firmware/],
    [`signedFirmware("${ours.publicKey}")`, [], /not signed: .* refuse it/],
    [`signedFirmware("${ours.publicKey}")`, [ours], undefined],
    [`signedFirmware("${ours.publicKey}")`, [next, ours], undefined],
    [`signedFirmware("${ours.publicKey}")`, [next], /trust other keys/],
  ] as const) {
    writeFileSync(module, code);
    const said = trustNote(module, keys);
    if (note === undefined) t.is(said, undefined);
    else t.regex(said ?? '', note);
  }
});
