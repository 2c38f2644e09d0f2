import type { ClientKey, ServerKey } from './keys.ts';

/** The module `pkcs1_5` for the SDK's handshake, in place of its own; keys come from `ssl/cert`. */
export default class Pkcs1 {
  readonly #key: ServerKey & ClientKey;

  constructor(key: ServerKey & ClientKey) {
    this.#key = key;
  }

  verify(digest: ArrayBuffer, signature: ArrayBuffer): boolean {
    return this.#key.verify('rsa', digest, signature);
  }

  sign(digest: ArrayBuffer): ArrayBuffer {
    return this.#key.sign(digest);
  }
}
