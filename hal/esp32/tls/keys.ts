// SPDX-License-Identifier: Apache-2.0

import RSA from 'rsa';
import { DerReader, Tag } from '../../../src/bytes/der.ts';
import type { PublicKey } from './certificate.ts';
import { encode, number } from './signature.ts';

const RSA_KEY = '2a864886f70d010101';

/** Our own key, for the authentication of the client. */
export interface ClientKey {
  /** The certificate type in a CertificateRequest (RFC 5246 §7.4.4, RFC 8422 §5.5). */
  readonly type: number;
  /** The signature algorithm: hash and signature (RFC 5246 §7.4.1.4.1). */
  readonly scheme: number;
  /** Whether `key` is its public key. */
  fits(key: PublicKey | undefined): boolean;
  /** Signs an SHA-256 digest. */
  sign(digest: Uint8Array): Uint8Array;
}

/** Reads keys of another kind; undefined: the key is not of that kind. Throws when such a key cannot be used. */
export type KeyReader = (label: string, der: Uint8Array) => ClientKey | undefined;

/** An RSA key. ECDSA keys need the capability `enrolment`, which also creates them. */
export class RsaKey implements ClientKey {
  readonly type = 1;
  readonly scheme = 0x0401;
  readonly #parts: readonly bigint[];
  readonly #bytes: number;

  /** @param der PKCS #8 (RFC 5208), or PKCS #1 (RFC 8017 §A.1.2) when `label` says so */
  constructor(label: string, der: Uint8Array) {
    if (label === 'ENCRYPTED PRIVATE KEY') throw new Error('the key is encrypted');
    let reader = new DerReader(der).enter(Tag.Sequence);
    if (label !== 'RSA PRIVATE KEY') {
      reader.takeSmall();
      const kind = label === 'EC PRIVATE KEY' ? label : reader.enter(Tag.Sequence).takeId();
      if (kind !== RSA_KEY) throw new Error('the key is not RSA');
      reader = new DerReader(reader.take(Tag.OctetString)).enter(Tag.Sequence);
    }
    reader.takeSmall();
    const numbers: Uint8Array[] = [];
    for (let i = 0; i < 8; i++) numbers.push(reader.takeUnsigned());
    this.#bytes = numbers[0]?.length ?? 0;
    this.#parts = numbers.map(number);
  }

  fits(key: PublicKey | undefined): boolean {
    return key?.kind === 'rsa' && number(key.modulus) === this.#parts[0];
  }

  /** Signs with PKCS #1 v1.5 (RFC 8017 §8.2.1). */
  sign(digest: Uint8Array): Uint8Array {
    // n, e, d, p, q, d mod (p-1), d mod (q-1), q^-1 mod p
    const [n, , d, p, q, dp, dq, inverse] = this.#parts as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const message = number(encode('SHA256', digest, this.#bytes));
    return new Uint8Array(ArrayBuffer.fromBigInt(new RSA(d, n, p, q, dp, dq, inverse).process(message), this.#bytes));
  }
}
