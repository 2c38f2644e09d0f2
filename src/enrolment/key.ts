// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader, Tag } from '../bytes/der.ts';
import { equalBytes } from '../bytes/text.ts';
import { der, derBits, derUnsigned } from './der.ts';
import { hmac } from './hmac.ts';
import { type Arithmetic, bytesOf, FIELD_BYTES, numberOf, ORDER } from './p256.ts';

/** A key pair of P-256. `scalar` is the secret. */
export interface KeyPair {
  readonly scalar: bigint;
  /** Uncompressed (SEC 1 §2.3.3): 4, and both coordinates. */
  readonly point: Uint8Array;
}

/*
 * Algorithms as in requests and keys (RFC 5480 §2.1.1, RFC 5758 §3.2), DER. Bytes that are marked as pure, like all
 * values at module level in this folder: a firmware without enrolment contains none of them.
 */
/** id-ecPublicKey, secp256r1. */
export const KEY_ALGORITHM = /* @__PURE__ */ Uint8Array.from([
  ...[0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
  ...[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
]);
/** ecdsa-with-SHA256. */
export const SIGNATURE_ALGORITHM = /* @__PURE__ */ Uint8Array.from([
  0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
]);

/** More bytes than the order has, so that all remainders are equally likely (FIPS 186-5 §A.2.1). */
const SEED_BYTES = 40;
const ZERO = /* @__PURE__ */ new Uint8Array([0]);
const ONE = /* @__PURE__ */ new Uint8Array([1]);
/** Most tries for a nonce; one fails in 2^32. */
const MOST_NONCES = 16;

/** Makes a key pair. @param fillRandom fills with bytes fit for keys */
export function makeKey(fillRandom: (into: Uint8Array) => void, arithmetic: Arithmetic): KeyPair {
  const seed = new Uint8Array(SEED_BYTES);
  fillRandom(seed);
  const scalar = (numberOf(seed) % (ORDER - 1n)) + 1n;
  seed.fill(0);
  const [x, y] = arithmetic.multiply(scalar);
  const point = new Uint8Array(1 + 2 * FIELD_BYTES);
  point[0] = 4;
  point.set(bytesOf(x), 1);
  point.set(bytesOf(y), 1 + FIELD_BYTES);
  return { scalar, point };
}

/**
 * ECDSA of a SHA-256 digest (FIPS 186-5 §6.4.1) with a nonce derived from key and message (RFC 6979 §3.2): it needs no
 * good random numbers, and the same message always has the same signature.
 * @returns DER (RFC 3279 §2.2.3)
 */
export function sign({ scalar }: Pick<KeyPair, 'scalar'>, digest: Uint8Array, arithmetic: Arithmetic): Uint8Array {
  const message = numberOf(digest);
  const secret = bytesOf(scalar);
  // §2.3.4: bits2octets
  const octets = bytesOf(message % ORDER);
  let v: Uint8Array = new Uint8Array(FIELD_BYTES).fill(1);
  let key = hmac(new Uint8Array(FIELD_BYTES), v, ZERO, secret, octets);
  v = hmac(key, v);
  key = hmac(key, v, ONE, secret, octets);
  v = hmac(key, v);
  for (let tries = 0; tries < MOST_NONCES; tries++) {
    v = hmac(key, v);
    const nonce = numberOf(v);
    if (nonce > 0n && nonce < ORDER) {
      const r = arithmetic.multiply(nonce)[0] % ORDER;
      const s = (arithmetic.invert(nonce) * ((message + r * scalar) % ORDER)) % ORDER;
      if (r !== 0n && s !== 0n) return der(Tag.Sequence, derUnsigned(bytesOf(r)), derUnsigned(bytesOf(s)));
    }
    key = hmac(key, v, ZERO);
    v = hmac(key, v);
  }
  throw new Error('no nonce: the hash is broken');
}

/** The key as a private key (RFC 5958 §2, RFC 5915 §3), DER. */
export function encodeKey({ scalar, point }: KeyPair): Uint8Array {
  const key = der(
    Tag.Sequence,
    der(Tag.Integer, ONE),
    der(Tag.OctetString, bytesOf(scalar)),
    der(Tag.Context1, derBits(point)),
  );
  return der(Tag.Sequence, der(Tag.Integer, ZERO), KEY_ALGORITHM, der(Tag.OctetString, key));
}

/**
 * Reads such a key; one from elsewhere must contain the public point, too.
 * @param isBare as in RFC 5915, without the structure of RFC 5958 around it
 * @throws DerError when it is not a key of P-256
 */
export function readKey(bytes: Uint8Array, isBare = false): KeyPair {
  let reader = new DerReader(bytes).enter(Tag.Sequence);
  if (!isBare) {
    reader.take(Tag.Integer);
    const algorithm = reader.takeWhole(Tag.Sequence);
    if (!equalBytes(algorithm, KEY_ALGORITHM)) throw new DerError('the key is not of P-256');
    reader = new DerReader(reader.take(Tag.OctetString)).enter(Tag.Sequence);
  }
  reader.take(Tag.Integer);
  const secret = reader.take(Tag.OctetString);
  reader.skip(Tag.Context0);
  const bits = reader.enter(Tag.Context1).takeBits();
  const scalar = numberOf(secret);
  if (secret.length !== FIELD_BYTES || scalar < 1n || scalar >= ORDER) throw new DerError('the key is not of P-256');
  if (bits.length !== 1 + 2 * FIELD_BYTES || bits[0] !== 4) throw new DerError('the key has no point');
  return { scalar, point: bits.slice() };
}
