// SPDX-License-Identifier: Apache-2.0

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomFillSync,
  sign as signBy,
  verify,
} from 'node:crypto';
import test from 'ava';
import { hmac, sha256 } from '../../src/enrolment/hmac.ts';
import { encodeKey, makeKey, readKey, sign } from '../../src/enrolment/key.ts';
import { bytesOf, numberOf, ORDER, softArithmetic } from '../../src/enrolment/p256.ts';
import fc from '../support/property.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const scalarBytes = fc.uint8Array({ minLength: 40, maxLength: 40 });
const keyOf = (seed: Uint8Array) => makeKey((into) => into.set(seed), softArithmetic);

/** RFC 6979 §A.2.5: P-256, SHA-256. */
const VECTOR = {
  x: 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
  ux: 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6n,
  uy: 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299n,
};
const SIGNED = [
  [
    'sample',
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ],
  [
    'test',
    'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
    '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
  ],
] as const;

test('the key of RFC 6979 §A.2.5 has the point that stands there', (t) => {
  t.deepEqual(softArithmetic.multiply(VECTOR.x), [VECTOR.ux, VECTOR.uy]);
});

for (const [message, r, s] of SIGNED) {
  test(`RFC 6979 §A.2.5: "${message}" has the signature that stands there`, (t) => {
    const signature = hex(sign({ scalar: VECTOR.x }, sha256(utf8(message)), softArithmetic));
    t.true(signature.includes(r) && signature.endsWith(s), signature);
  });
}

test('hashes are those of Node', (t) => {
  t.is(hex(sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  // RFC 4231 §4.2, test case 1
  const mac = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
  t.is(hex(hmac(new Uint8Array(20).fill(0x0b), utf8('Hi There'))), mac);
});

test('property: Node reads each key that is made, and believes what it signs', (t) => {
  fc.assert(
    fc.property(scalarBytes, fc.uint8Array(), (seed, message) => {
      const key = keyOf(seed);
      const der = Buffer.from(encodeKey(key));
      const theirs = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const { x, y } = createPublicKey(theirs).export({ format: 'jwk' });
      const [ownX, ownY] = [key.point.subarray(1, 33), key.point.subarray(33)].map((each) =>
        Buffer.from(each).toString('base64url'),
      );
      // Without its point it is the same key: Node makes it anew then.
      const signature = sign(key, sha256(message), softArithmetic);
      return x === ownX && y === ownY && verify('sha256', message, theirs, signature);
    }),
    { numRuns: 20 },
  );
  t.pass();
});

test('property: a signature of another message, or a changed one, is invalid', (t) => {
  fc.assert(
    fc.property(scalarBytes, fc.uint8Array({ minLength: 1 }), fc.nat(), (seed, message, at) => {
      const key = keyOf(seed);
      const theirs = createPrivateKey({ key: Buffer.from(encodeKey(key)), format: 'der', type: 'pkcs8' });
      const changed = message.slice();
      changed[at % message.length] = (changed[at % message.length] as number) ^ 1;
      return !verify('sha256', changed, theirs, sign(key, sha256(message), softArithmetic));
    }),
    { numRuns: 10 },
  );
  t.pass();
});

test('the ends of the range: 1, 2 and the order less one', (t) => {
  for (const scalar of [1n, 2n, ORDER - 1n, ORDER - 2n]) {
    const [x, y] = softArithmetic.multiply(scalar);
    const point = Uint8Array.from([4, ...bytesOf(x), ...bytesOf(y)]);
    const key = createPrivateKey({ key: Buffer.from(encodeKey({ scalar, point })), format: 'der', type: 'pkcs8' });
    const message = utf8('any');
    t.true(verify('sha256', message, key, sign({ scalar }, sha256(message), softArithmetic)), String(scalar));
    t.is((softArithmetic.invert(scalar) * scalar) % ORDER, 1n);
  }
});

test('random numbers become keys, also at the ends of the range', (t) => {
  t.is(keyOf(new Uint8Array(40)).scalar, 1n);
  t.true(keyOf(new Uint8Array(40).fill(255)).scalar < ORDER);
  const calls: number[] = [];
  makeKey((into) => void calls.push(randomFillSync(into).length), softArithmetic);
  t.deepEqual(calls, [40], 'asked once, for 64 bits more than the order has');
});

test('a key of OpenSSL is read, as it is and bare', (t) => {
  for (const type of ['pkcs8', 'sec1'] as const) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = readKey(new Uint8Array(privateKey.export({ format: 'der', type })), type === 'sec1');
    const message = utf8(type);
    t.true(verify('sha256', message, createPublicKey(privateKey), sign(key, sha256(message), softArithmetic)));
    t.is(
      hex(bytesOf(key.scalar)),
      Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex'),
    );
    // The other way round: what OpenSSL signs is for the point that was read.
    t.true(
      verify(
        'sha256',
        message,
        createPublicKey({ key: spki(key.point), format: 'der', type: 'spki' }),
        signBy('sha256', message, privateKey),
      ),
    );
  }
});

test('other keys are no keys', (t) => {
  const others = [
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ed25519'),
  ].map(({ privateKey }) => new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })));
  for (const each of [...others, new Uint8Array(0), new Uint8Array([0x30, 0x00])]) {
    t.throws(() => readKey(each), { name: 'Error' });
  }
});

test('property: whatever stands there, a key is read or refused, and nothing else', (t) => {
  const good = encodeKey(keyOf(new Uint8Array(40).fill(7)));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
      const bytes = good.slice(0, Math.max(1, length));
      bytes[at % bytes.length] = byte;
      try {
        const { scalar, point } = readKey(bytes);
        return scalar > 0n && scalar < ORDER && point.length === 65;
      } catch (error) {
        return (error as Error).constructor.name === 'DerError';
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('numbers and bytes are the same either way', (t) => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: ORDER }), (value) => numberOf(bytesOf(value)) === value));
  t.is(numberOf(new Uint8Array(0)), 0n);
});

/** RFC 5480 §2. */
function spki(point: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), point]);
}
