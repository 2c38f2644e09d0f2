// SPDX-License-Identifier: Apache-2.0

import { Digest } from 'crypt';
import Curve, { type Equation } from 'curve';
import ECPoint from 'ecp';
import Modular from 'modular';
import { DerReader, Tag } from '../../../src/bytes/der.ts';
import { equalBytes } from '../../../src/bytes/text.ts';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { Certificate, PublicKey } from './certificate.ts';

/*
 * Signatures, on the SDK's big numbers. PKCS #1 accepts only the one correct encoding; ECDSA only numbers in their
 * range (SEC 1 §4.1.4).
 */

/** The bytes before each hash (RFC 8017 §9.2, note 1). */
const DIGEST_INFO: Readonly<Record<SignatureAlgorithm['hash'], readonly number[]>> = {
  SHA256: [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 5, 0, 4, 0x20],
  SHA384: [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 5, 0, 4, 0x30],
  SHA512: [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 5, 0, 4, 0x40],
};

/** The hash with this length; shorter ones (MD5, SHA-1, SHA-224) are not accepted. */
function hashOfLength(bytes: number): SignatureAlgorithm['hash'] | undefined {
  return bytes === 32 ? 'SHA256' : bytes === 48 ? 'SHA384' : bytes === 64 ? 'SHA512' : undefined;
}

/** True when the key of `issuer` has signed the certificate. */
export function isSignedBy({ algorithm, bytes }: Certificate, { key }: Certificate): boolean {
  if (algorithm === undefined || key === undefined || algorithm.kind !== key.kind) return false;
  const certificate = new DerReader(bytes).enter(Tag.Sequence);
  const digest = new Digest(algorithm.hash).process(certificate.takeWhole(Tag.Sequence));
  certificate.skip(Tag.Sequence);
  return verifyHash(key, new Uint8Array(digest), certificate.takeBits());
}

/** Verifies a signature; false also for malformed ones. */
export function verifyHash(key: PublicKey, digest: Uint8Array, signature: Uint8Array): boolean {
  const hash = hashOfLength(digest.length);
  if (hash === undefined) return false;
  try {
    return key.kind === 'rsa' ? verifyRsa(key, hash, digest, signature) : verifyEc(key, digest, signature);
  } catch {
    return false;
  }
}

/** Implements `Hal.verify`. */
export function verifyP256(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  // SEC 1 §2.3.3: a first byte of 4 means that both coordinates follow.
  if (publicKey.length !== 65 || publicKey[0] !== 4) return false;
  const digest = new Uint8Array(new Digest('SHA256').process(message));
  return verifyHash({ kind: 'ec', curve: 'secp256r1', point: publicKey.subarray(1) }, digest, signature);
}

/** Verifies PKCS #1 v1.5 (RFC 8017 §8.2.2), by comparing with the one correct encoding. */
function verifyRsa(
  { modulus, exponent }: Extract<PublicKey, { kind: 'rsa' }>,
  hash: SignatureAlgorithm['hash'],
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== modulus.length) return false;
  const n = number(modulus);
  const s = number(signature);
  if (s >= n) return false;
  const message = new Uint8Array(ArrayBuffer.fromBigInt(new Modular(n).exp(s, number(exponent)), modulus.length));
  return equalBytes(message, encode(hash, digest, modulus.length));
}

/** EMSA-PKCS1-v1_5 (RFC 8017 §9.2). */
export function encode(hash: SignatureAlgorithm['hash'], digest: Uint8Array, length: number): Uint8Array {
  const info = DIGEST_INFO[hash];
  const message = new Uint8Array(length).fill(0xff);
  const at = length - digest.length - info.length;
  if (at < 11) throw new Error('the key is too short');
  message[0] = 0;
  message[1] = 1;
  message[at - 1] = 0;
  message.set(info, at);
  message.set(digest, at + info.length);
  return message;
}

/** Verifies ECDSA (SEC 1 §4.1.4). */
function verifyEc(
  { curve: name, point }: Extract<PublicKey, { kind: 'ec' }>,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const all = new DerReader(signature);
  const pair = all.enter(Tag.Sequence);
  all.finish();
  const first = pair.takeUnsigned();
  const second = pair.takeUnsigned();
  pair.finish();
  const half = point.length / 2;
  if (first.length > half || second.length > half) return false;
  const r = number(first);
  const s = number(second);
  const curve = new Curve(name);
  const { n, ec } = curve;
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const theirs = readPoint(ec, point);
  if (theirs === undefined) return false;
  const e = number(digest.subarray(0, Math.min(digest.length, half)));
  const inverse = new Modular(n).mulinv(s);
  const sum = ec.mul2(curve.G, (e * inverse) % n, theirs, (r * inverse) % n);
  return !sum.isZero() && sum.X % n === r;
}

/** The point; undefined when it is not on the curve: a foreign point would allow an easier attack. */
export function readPoint(ec: Equation, point: Uint8Array): ECPoint | undefined {
  const half = point.length / 2;
  const x = number(point.subarray(0, half));
  const y = number(point.subarray(half));
  const isOn = x < ec.m && y < ec.m && (y * y - (x * x * x + ec.a * x + ec.b)) % ec.m === 0n;
  return isOn ? new ECPoint(x, y) : undefined;
}

/** The number in big-endian bytes. Copies them, because the engine reads all of a buffer. */
export function number(bytes: Uint8Array): bigint {
  return BigInt.fromArrayBuffer(bytes.slice().buffer);
}
