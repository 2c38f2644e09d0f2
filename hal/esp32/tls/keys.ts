// SPDX-License-Identifier: Apache-2.0

import RSA from 'rsa';
import { DerReader, Tag } from './der.ts';
import { encode, number } from './signature.ts';

const RSA_KEY = '2a864886f70d010101';

/** Our own key: RSA only, because ECDSA would take numbers that never come twice, nor a part of them. */
export class ClientKey {
  readonly #parts: readonly bigint[];
  readonly #bytes: number;

  /** @param der PKCS #8 (RFC 5208), or PKCS #1 (RFC 8017 §A.1.2) where `label` says so */
  constructor(label: string, der: Uint8Array) {
    if (label === 'EC PRIVATE KEY') throw new Error('the key is EC; a board signs with RSA keys only');
    if (label === 'ENCRYPTED PRIVATE KEY') throw new Error('the key is encrypted');
    let reader = new DerReader(der).enter(Tag.Sequence);
    if (label !== 'RSA PRIVATE KEY') {
      reader.takeSmall();
      const kind = reader.enter(Tag.Sequence).takeId();
      if (kind !== RSA_KEY) throw new Error('the key is not RSA; a board signs with no other');
      reader = new DerReader(reader.take(Tag.OctetString)).enter(Tag.Sequence);
    }
    reader.takeSmall();
    const numbers: Uint8Array[] = [];
    for (let i = 0; i < 8; i++) numbers.push(reader.takeUnsigned());
    this.#bytes = numbers[0]?.length ?? 0;
    this.#parts = numbers.map(number);
  }

  /** The modulus, by which a certificate is known to be of this key. */
  get modulus(): bigint {
    return this.#parts[0] as bigint;
  }

  /** PKCS #1 (RFC 8017 §8.2.1), of an SHA-256. */
  sign(digest: Uint8Array): ArrayBuffer {
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
    return ArrayBuffer.fromBigInt(new RSA(d, n, p, q, dp, dq, inverse).process(message), this.#bytes);
  }
}
