import RSA from 'rsa';
import type { PublicKey } from './certificate.ts';
import { DerReader, Tag } from './der.ts';
import { encode, hashOfLength, verifyHash } from './signature.ts';

/*
 * What the SDK's handshake signs and verifies with. It asks the certificate manager for a key and gives it to the modules
 * `pkcs1_5` and `ecdsa`, which are ours too.
 */

/** The key of the server, which has to show that it has the private part. */
export class ServerKey {
  readonly key: PublicKey;
  readonly #onProof: () => void;
  /** For `ecdsa`, which is given this only. */
  readonly pub = this;

  constructor(key: PublicKey, onProof: () => void) {
    this.key = key;
    this.#onProof = onProof;
  }

  verify(
    kind: PublicKey['kind'],
    digest: ArrayBufferLike | Uint8Array,
    signature: ArrayBufferLike | Uint8Array,
  ): boolean {
    const right = kind === this.key.kind && verifyHash(this.key, view(digest), view(signature));
    if (right) this.#onProof();
    return right;
  }
}

const RSA_KEY = '2a864886f70d010101';

/** Our own key: RSA only, because the SDK's handshake signs with nothing else. */
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
    this.#parts = numbers.map((bytes) => BigInt.fromArrayBuffer(bytes.slice().buffer));
  }

  /** The modulus, by which a certificate is known to be of this key. */
  get modulus(): bigint {
    return this.#parts[0] as bigint;
  }

  sign(digest: ArrayBufferLike | Uint8Array): ArrayBuffer {
    const bytes = view(digest);
    const hash = hashOfLength(bytes.length);
    if (hash === undefined) throw new Error('a hash that is not used');
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
    const message = BigInt.fromArrayBuffer(encode(hash, bytes, this.#bytes).slice().buffer);
    return ArrayBuffer.fromBigInt(new RSA(d, n, p, q, dp, dq, inverse).process(message), this.#bytes);
  }
}

function view(bytes: ArrayBufferLike | Uint8Array): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}
