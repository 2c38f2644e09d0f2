// SPDX-License-Identifier: Apache-2.0

import { BlockCipher, GHASH, Mode } from 'crypt';
import { equalBytes } from '../../../../src/bytes/text.ts';
import { HEADER_BYTES, NONCE_BYTES, TAG_BYTES } from './records.ts';

const BLOCK_BYTES = 16;
const SALT_BYTES = 4;
/** Sequence number, type, version and length (RFC 5246 §6.2.3.3). */
const ADDITIONAL_BYTES = 13;

/** AES-128-GCM for the records of one direction (RFC 5288 §3). */
export class Gcm {
  readonly #block: BlockCipher;
  readonly #stream: Mode;
  /** H of NIST SP 800-38D §6.4. */
  readonly #hashKey: ArrayBuffer;
  /** Salt, nonce, and block number. */
  readonly #counter = new Uint8Array(BLOCK_BYTES);
  readonly #additional = new Uint8Array(ADDITIONAL_BYTES);
  #sequence = 0;

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#block = new BlockCipher('AES', key.slice().buffer);
    this.#stream = new Mode('CTR', this.#block);
    this.#hashKey = this.#block.encrypt(new ArrayBuffer(BLOCK_BYTES));
    this.#counter.set(salt);
  }

  /** Encrypts `content` into a whole record. */
  seal(type: number, content: Uint8Array): Uint8Array {
    const from = HEADER_BYTES + NONCE_BYTES;
    const record = new Uint8Array(from + content.length + TAG_BYTES);
    const length = record.length - HEADER_BYTES;
    record.set([type, 3, 3, length >> 8, length & 0xff]);
    this.#describe(type, content.length);
    // The explicit nonce is the sequence number, which is used only once.
    record.set(this.#additional.subarray(0, NONCE_BYTES), HEADER_BYTES);
    record.set(content, from);
    const text = record.subarray(from, from + content.length);
    const mask = this.#begin(record.subarray(HEADER_BYTES, from));
    this.#stream.decrypt(text, text);
    record.set(this.#tag(text, mask), from + content.length);
    return record;
  }

  /** Decrypts in place and returns the content; undefined when the tag is wrong. */
  open(type: number, sealed: Uint8Array): Uint8Array | undefined {
    const text = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
    this.#describe(type, text.length);
    const mask = this.#begin(sealed.subarray(0, NONCE_BYTES));
    if (!equalBytes(this.#tag(text, mask), sealed.subarray(sealed.length - TAG_BYTES))) return undefined;
    // In CTR mode, `decrypt` is the same operation as `encrypt`.
    this.#stream.decrypt(text, text);
    return text;
  }

  #describe(type: number, length: number): void {
    const additional = this.#additional;
    let rest = this.#sequence++;
    for (let at = NONCE_BYTES - 1; at >= 0; at--) {
      additional[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    additional.set([type, 3, 3, length >> 8, length & 0xff], NONCE_BYTES);
  }

  /** Starts a record. @returns the mask of the tag */
  #begin(nonce: Uint8Array): Uint8Array {
    const counter = this.#counter;
    counter.set(nonce, SALT_BYTES);
    counter[BLOCK_BYTES - 1] = 1;
    const mask = new Uint8Array(this.#block.encrypt(counter.buffer));
    counter[BLOCK_BYTES - 1] = 2;
    this.#stream.setIV(counter.buffer);
    return mask;
  }

  #tag(text: Uint8Array, mask: Uint8Array): Uint8Array {
    const hash = new GHASH(this.#hashKey, this.#additional.buffer);
    if (text.length > 0) hash.write(text);
    const tag = new Uint8Array(hash.close());
    for (let at = 0; at < TAG_BYTES; at++) tag[at] = (tag[at] as number) ^ (mask[at] as number);
    return tag;
  }
}
