// SPDX-License-Identifier: Apache-2.0
/** ASN.1 as far as requests for certificates, keys and certificates have it: written as DER, read as DER or BER (X.690). */

/** In decimal, so that a build for a board has the numbers where they are used. */
export const Tag = {
  Integer: 2,
  BitString: 3,
  OctetString: 4,
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

/** X.690 §8.1.3.6: the content ends with two zeros. */
const INDEFINITE = 0x80;
const CONSTRUCTED = 0x20;
/** Elements of one another, where lengths are indefinite: each costs a call. */
const MOST_DEPTH = 12;
/** Elements of one indefinite element: what a hostile answer may cost. */
const MOST_ELEMENTS = 512;

/** What is read is none, or not what is expected there. */
export class DerError extends Error {}

/** An element of these parts, one behind the other. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const bytes = new Uint8Array(2 + lengthBytes + length);
  bytes[0] = tag;
  bytes[1] = lengthBytes === 0 ? length : 0x80 + lengthBytes;
  let at = 2;
  for (let i = lengthBytes - 1; i >= 0; i--) bytes[at++] = length >>> (8 * i);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A number that is not negative, big-endian: as short as it can be (X.690 §8.3.2). */
export function derUnsigned(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const magnitude = bytes.subarray(from);
  return (magnitude[0] as number) >= 0x80
    ? der(Tag.Integer, new Uint8Array(1), magnitude)
    : der(Tag.Integer, magnitude);
}

/** A bit string of whole bytes. */
export function derBits(bytes: Uint8Array): Uint8Array {
  return der(Tag.BitString, new Uint8Array(1), bytes);
}

/** Where an element lies. */
export interface Element {
  readonly tag: number;
  /** Its own first byte. */
  readonly at: number;
  /** Its content is `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** Behind it. */
  readonly end: number;
}

/** Reads elements one after the other; everything lies inside of what holds it. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #isBer: boolean;
  #at: number;
  readonly #to: number;

  /** @param isBer lengths may be indefinite, or longer than they must be */
  constructor(bytes: Uint8Array, isBer = false, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.#isBer = isBer;
    this.#at = from;
    this.#to = to;
  }

  get more(): boolean {
    return this.#at < this.#to;
  }

  /** Tag of the next element; -1 at the end. */
  get tag(): number {
    return this.more ? (this.bytes[this.#at] as number) : -1;
  }

  /** @throws DerError when the next element has another tag, or is not whole */
  next(tag: number): Element {
    if (this.tag !== tag) throw new DerError(`an element ${this.tag} instead of ${tag}`);
    const element = elementAt(this.bytes, this.#at, this.#to, this.#isBer, 0);
    this.#at = element.end;
    return element;
  }

  /** What is inside of the next element. */
  enter(tag: number): Reader {
    const { from, to } = this.next(tag);
    return new Reader(this.bytes, this.#isBer, from, to);
  }

  /** The content of the next element, without copying it. */
  content(tag: number): Uint8Array {
    const { from, to } = this.next(tag);
    return this.bytes.subarray(from, to);
  }

  /** The next element with its tag and length, without copying it. */
  whole(tag: number): Uint8Array {
    const { at, end } = this.next(tag);
    return this.bytes.subarray(at, end);
  }

  /** Takes it when it is next, and says so. */
  skip(tag: number): boolean {
    if (this.tag !== tag) return false;
    this.next(tag);
    return true;
  }

  /** @throws DerError when something is left */
  finish(): void {
    if (this.more) throw new DerError('more than there should be');
  }
}

function elementAt(bytes: Uint8Array, at: number, to: number, isBer: boolean, depth: number): Element {
  const tag = bytes[at] as number;
  // X.690 §8.1.2.4: tags of more than one byte are in nothing that is read here.
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag that is too long');
  let from = at + 2;
  if (from > to) throw new DerError('cut off');
  let length = bytes[at + 1] as number;
  if (length === INDEFINITE) {
    if (!isBer || (tag & CONSTRUCTED) === 0) throw new DerError('a length that is none');
    return indefinite(bytes, at, from, to, depth);
  }
  if (length > INDEFINITE) {
    const count = length - INDEFINITE;
    if (count > 3 || from + count > to) throw new DerError('a length that is none');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[from++] as number);
    // X.690 §10.1
    if (!isBer && (length < 0x80 || length < 2 ** (8 * (count - 1)))) throw new DerError('a length that is too long');
  }
  const end = from + length;
  if (end > to) throw new DerError('cut off');
  return { tag, at, from, to: end, end };
}

/** Its end is found behind all that is inside of it. */
function indefinite(bytes: Uint8Array, at: number, from: number, to: number, depth: number): Element {
  if (depth >= MOST_DEPTH) throw new DerError('too many elements in one another');
  let inner = from;
  for (let count = 0; count < MOST_ELEMENTS; count++) {
    if (inner + 2 > to) throw new DerError('cut off');
    if (bytes[inner] === 0) {
      if (bytes[inner + 1] !== 0) throw new DerError('an end that is none');
      return { tag: bytes[at] as number, at, from, to: inner, end: inner + 2 };
    }
    inner = elementAt(bytes, inner, to, true, depth + 1).end;
  }
  throw new DerError('too many elements');
}
