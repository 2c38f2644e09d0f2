import type { ServerKey } from './keys.ts';

/** The module `ecdsa` for the SDK's handshake, in place of its own; keys come from `ssl/cert`. */
export default class Ecdsa {
  readonly #key: ServerKey;

  constructor(key: ServerKey) {
    this.#key = key;
  }

  verify(digest: ArrayBuffer, signature: ArrayBuffer): boolean {
    return this.#key.verify('ec', digest, signature);
  }
}
