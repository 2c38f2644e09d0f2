// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader, Tag } from '../../../src/bytes/der.ts';
import { equalBytes, NO_BYTES } from '../../../src/bytes/text.ts';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './algorithms.ts';

export type PublicKey =
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  /** `point`: both coordinates, one after the other. */
  | { readonly kind: 'ec'; readonly curve: 'secp256r1' | 'secp384r1'; readonly point: Uint8Array };

/** Bits of the key usage (RFC 5280 §4.2.1.3); the first is the highest. */
export const KeyUsage = { DigitalSignature: 0x80, KeyEncipherment: 0x20, KeyAgreement: 0x08, CertSign: 0x04 } as const;

/** The values of a certificate that validation uses (RFC 5280 §4). Byte arrays are parts of `bytes`. */
export interface Certificate {
  readonly bytes: Uint8Array;
  /** Undefined: an unsupported algorithm. */
  readonly algorithm: SignatureAlgorithm | undefined;
  /** The names, in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Undefined: an unsupported key. */
  readonly key: PublicKey | undefined;
  /** Undefined in a certificate of version 1, which does not say. */
  readonly isCa: boolean | undefined;
  readonly pathLength: number | undefined;
  /** Undefined: any usage is allowed. */
  readonly keyUsage: number | undefined;
  /** Undefined: any purpose is allowed. */
  readonly serverAuth: boolean | undefined;
  /** Alternative names of the subject, in DER; empty when there are none. */
  readonly alternativeNames: Uint8Array;
  /** Name constraints of a CA (RFC 5280 §4.2.1.10), in DER; empty when there are none. */
  readonly nameConstraints: Uint8Array;
  /** A critical extension that is not supported, so that the certificate must be refused. */
  readonly unknownCritical: string | undefined;
}

const RSA_KEY = '2a864886f70d010101';
const EC_KEY = '2a8648ce3d0201';
/** Extensions about policies: no policy is required, so all are accepted (RFC 5280 §6.1.1). */
const POLICIES = ['551d20', '551d21', '551d36'];
const SERVER_AUTH = '2b06010505070301';
/** Ordinary certificates have about ten. */
const MOST_EXTENSIONS = 32;

const CURVES: Readonly<Record<string, { curve: 'secp256r1' | 'secp384r1'; bytes: number }>> = {
  '2a8648ce3d030107': { curve: 'secp256r1', bytes: 32 },
  '2b81040022': { curve: 'secp384r1', bytes: 48 },
};

/** @throws DerError when the bytes are no X.509 certificate of version 3 or 1 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const all = new DerReader(bytes);
  const outer = all.enter(Tag.Sequence);
  all.finish();
  const signed = outer.takeWhole(Tag.Sequence);
  const algorithm = outer.takeWhole(Tag.Sequence);
  outer.takeBits();
  outer.finish();

  const tbs = new DerReader(signed).enter(Tag.Sequence);
  const version = tbs.tag === 0xa0 ? tbs.enter(0xa0).takeSmall() : 0;
  tbs.take(Tag.Integer);
  // RFC 5280 §4.1.1.2: both algorithms must be the same, or the unsigned outer one could be exchanged.
  if (!equalBytes(tbs.takeWhole(Tag.Sequence), algorithm)) throw new DerError('two algorithms');
  const issuer = tbs.takeWhole(Tag.Sequence);
  const validity = tbs.enter(Tag.Sequence);
  const notBeforeMs = takeTime(validity);
  const notAfterMs = takeTime(validity);
  const subject = tbs.takeWhole(Tag.Sequence);
  const key = readKey(tbs.enter(Tag.Sequence));
  // RFC 5280 §4.1.2.8: unique identifiers, which are not used in practice.
  tbs.skip(0x81);
  tbs.skip(0x82);
  const extensions = new Extensions();
  if (version === 2 && tbs.tag === 0xa3) extensions.read(tbs.enter(0xa3).enter(Tag.Sequence));
  tbs.finish();

  const id = new DerReader(algorithm).enter(Tag.Sequence).takeId();
  const known = SIGNATURE_ALGORITHMS.find((each) => each.id === id);
  const { pathLength, keyUsage, serverAuth, alternativeNames, nameConstraints, unknownCritical } = extensions;
  const isCa = version < 2 ? undefined : extensions.isCa;
  return {
    ...{ bytes, algorithm: known, issuer, subject, notBeforeMs, notAfterMs, key },
    ...{ isCa, pathLength, keyUsage, serverAuth, alternativeNames, nameConstraints, unknownCritical },
  };
}

/** RFC 5280 §4.2. */
class Extensions {
  isCa = false;
  pathLength: number | undefined;
  keyUsage: number | undefined;
  serverAuth: boolean | undefined;
  alternativeNames: Uint8Array = NO_BYTES;
  nameConstraints: Uint8Array = NO_BYTES;
  unknownCritical: string | undefined;
  readonly #seen: string[] = [];

  read(list: DerReader): void {
    while (list.more) {
      const extension = list.enter(Tag.Sequence);
      const id = extension.takeId();
      const critical = extension.tag === Tag.Boolean && extension.takeBoolean();
      const value = new DerReader(extension.take(Tag.OctetString));
      extension.finish();
      if (this.#seen.includes(id)) throw new DerError('a repeated extension');
      if (this.#seen.length === MOST_EXTENSIONS) throw new DerError('too many extensions');
      this.#seen.push(id);
      this.#take(id, critical, value);
    }
  }

  #take(id: string, critical: boolean, value: DerReader): void {
    if (id === '551d13') {
      this.#basicConstraints(value.enter(Tag.Sequence));
    } else if (id === '551d0f') {
      this.#keyUsage(value.take(Tag.BitString));
    } else if (id === '551d25') {
      this.#extendedKeyUsage(value.enter(Tag.Sequence));
    } else if (id === '551d11') {
      this.alternativeNames = value.take(Tag.Sequence);
    } else if (id === '551d1e') {
      // Applied even when it is not critical.
      this.nameConstraints = value.take(Tag.Sequence);
    } else if (critical && !POLICIES.includes(id)) {
      this.unknownCritical = id;
    }
  }

  #basicConstraints(value: DerReader): void {
    this.isCa = value.tag === Tag.Boolean && value.takeBoolean();
    if (value.tag === Tag.Integer) this.pathLength = value.takeSmall();
    value.finish();
  }

  #keyUsage(bits: Uint8Array): void {
    if (bits.length < 2) throw new DerError('an empty key usage');
    this.keyUsage = bits[1] as number;
  }

  #extendedKeyUsage(purposes: DerReader): void {
    this.serverAuth = false;
    while (purposes.more) if (purposes.takeId() === SERVER_AUTH) this.serverAuth = true;
  }
}

/** The key of a SubjectPublicKeyInfo; undefined: an unsupported key. */
export function readKey(info: DerReader): PublicKey | undefined {
  const algorithm = info.enter(Tag.Sequence);
  const bits = info.takeBits();
  const kind = algorithm.takeId();
  if (kind === RSA_KEY) {
    const key = new DerReader(bits).enter(Tag.Sequence);
    const modulus = key.takeUnsigned();
    const exponent = key.takeUnsigned();
    key.finish();
    return { kind: 'rsa', modulus, exponent };
  }
  if (kind !== EC_KEY || algorithm.tag !== Tag.ObjectId) return undefined;
  const curve = CURVES[algorithm.takeId()];
  // SEC 1 §2.3.3: a first byte of 4 means that both coordinates follow.
  if (curve === undefined || bits[0] !== 4 || bits.length !== 1 + 2 * curve.bytes) return undefined;
  return { kind: 'ec', curve: curve.curve, point: bits.subarray(1) };
}

/** Reads a time (RFC 5280 §4.1.2.5: UTC, with seconds) as epoch milliseconds. */
export function takeTime(reader: DerReader): number {
  const short = reader.tag === Tag.UtcTime;
  const digits = reader.take(short ? Tag.UtcTime : Tag.GeneralizedTime);
  const yearDigits = short ? 2 : 4;
  if (digits.length !== yearDigits + 11 || digits[yearDigits + 10] !== 0x5a) throw new DerError('not a time');
  const number = (from: number, count: number) => {
    let value = 0;
    for (let at = from; at < from + count; at++) {
      const digit = (digits[at] as number) - 0x30;
      if (digit < 0 || digit > 9) throw new DerError('not a time');
      value = value * 10 + digit;
    }
    return value;
  };
  const pair = (index: number) => number(yearDigits + 2 * index, 2);
  const written = number(0, yearDigits);
  const year = short ? written + (written < 50 ? 2000 : 1900) : written;
  return Date.UTC(year, pair(0) - 1, pair(1), pair(2), pair(3), pair(4));
}
