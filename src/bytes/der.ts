// SPDX-License-Identifier: Apache-2.0
/**
 * Tags of ASN.1 (X.690 §8.1.2) that certificates, keys and requests use. Written in decimal, so that a build for a
 * board can put the numbers where they are used.
 */
export const Tag = {
  Boolean: 1,
  Integer: 2,
  BitString: 3,
  OctetString: 4,
  Null: 5,
  ObjectId: 6,
  Utf8String: 12,
  UtcTime: 23,
  GeneralizedTime: 24,
  Sequence: 48,
  Set: 49,
  /** Context-specific, constructed. */
  Context0: 160,
  Context1: 161,
} as const;

/** An object identifier that is made of a UUID has 20 bytes. */
const LONGEST_ID_BYTES = 24;

/** The bytes are not DER, or not the expected element. */
export class DerError extends Error {}

/**
 * Reads DER (X.690 §10) element by element. It is strict, because bytes that two readers interpret differently can
 * deceive one of them: lengths are definite and as short as possible, and every element lies inside its parent.
 */
export class DerReader {
  protected readonly bytes: Uint8Array;
  protected readonly end: number;
  /** Index of the next element. */
  protected at: number;
  /** Index after the content of the element that was read last. */
  protected contentEnd = 0;

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  /** The tag of the next element; -1 at the end. */
  get tag(): number {
    return this.more ? (this.bytes[this.at] as number) : -1;
  }

  /** The content of the next element, without copying it. */
  take(tag: number): Uint8Array {
    const from = this.header(tag);
    return this.bytes.subarray(from, this.contentEnd);
  }

  /** As `take`, but with the tag and the length of the element. */
  takeWhole(tag: number): Uint8Array {
    const from = this.at;
    this.header(tag);
    return this.bytes.subarray(from, this.at);
  }

  /** A reader of the content of the next element. */
  enter(tag: number): DerReader {
    const from = this.header(tag);
    return new DerReader(this.bytes, from, this.contentEnd);
  }

  /** Skips the next element if it has this tag; returns whether it has. */
  skip(tag: number): boolean {
    if (this.tag !== tag) return false;
    this.header(tag);
    return true;
  }

  /** The content of a bit string of whole bytes. */
  takeBits(): Uint8Array {
    const content = this.take(Tag.BitString);
    if (content[0] !== 0) throw new DerError('an incomplete bit string');
    return content.subarray(1);
  }

  /** An object identifier, as hex digits. */
  takeId(): string {
    const content = this.take(Tag.ObjectId);
    if (content.length > LONGEST_ID_BYTES) throw new DerError('an object identifier that is too long');
    return hex(content);
  }

  /** The magnitude of a positive integer, without leading zeros. */
  takeUnsigned(): Uint8Array {
    const content = this.take(Tag.Integer);
    const first = content[0];
    if (first === undefined || first >= 0x80) throw new DerError('not a positive integer');
    if (first !== 0 || content.length === 1) return content;
    if ((content[1] as number) < 0x80) throw new DerError('a padded integer');
    return content.subarray(1);
  }

  /** An integer from 0 to 2^24 - 1. */
  takeSmall(): number {
    const content = this.takeUnsigned();
    if (content.length > 3) throw new DerError('an integer that is too large');
    let value = 0;
    for (let at = 0; at < content.length; at++) value = value * 256 + (content[at] as number);
    return value;
  }

  takeBoolean(): boolean {
    const content = this.take(Tag.Boolean);
    const value = content[0];
    if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw new DerError('not a boolean');
    return value !== 0;
  }

  /** @throws DerError when bytes are left */
  finish(): void {
    if (this.more) throw new DerError('bytes after the end');
  }

  /** Moves past the element; returns the index of its content. */
  protected header(tag: number): number {
    if (this.tag !== tag) throw new DerError(`tag ${this.tag} instead of ${tag}`);
    const bytes = this.bytes;
    let at = this.at + 1;
    let length = bytes[at++] as number;
    if (at > this.end) throw new DerError('cut off');
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3 || at + count > this.end) throw new DerError('an invalid length');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] as number);
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerError('a padded length');
    }
    if (at + length > this.end) throw new DerError('cut off');
    this.at = this.contentEnd = at + length;
    return at;
  }
}

/** Lower-case hex digits, the form in which object identifiers are compared and shown. */
function hex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += (bytes[at] as number).toString(16).padStart(2, '0');
  return text;
}
