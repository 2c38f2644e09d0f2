// SPDX-License-Identifier: Apache-2.0

import { DerError, DerReader } from '../bytes/der.ts';

/** X.690 §8.1.3.6: a length that is not given; two zeros end the content. */
const INDEFINITE = 0x80;
const CONSTRUCTED = 0x20;
/** Most nested elements of indefinite length: each costs a call. */
const MOST_DEPTH = 12;
/** Most elements inside one of indefinite length: this limits the cost of a hostile answer. */
const MOST_ELEMENTS = 512;

/** Reads BER (X.690 §8), too: lengths may be indefinite, or longer than they must be. */
export class BerReader extends DerReader {
  override enter(tag: number): BerReader {
    const from = this.header(tag);
    return new BerReader(this.bytes, from, this.contentEnd);
  }

  protected override header(tag: number): number {
    if (this.tag !== tag) throw new DerError(`tag ${this.tag} instead of ${tag}`);
    const { from, to, end } = elementAt(this.bytes, this.at, this.end, 0);
    this.contentEnd = to;
    this.at = end;
    return from;
  }
}

/** An element: its content is `[from, to)`; the next element begins at `end`. */
interface Element {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

function elementAt(bytes: Uint8Array, at: number, to: number, depth: number): Element {
  const tag = bytes[at] as number;
  // §8.1.2.4: nothing that is read here has tags of more than one byte.
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag that is too long');
  let from = at + 2;
  if (from > to) throw new DerError('cut off');
  let length = bytes[at + 1] as number;
  if (length === INDEFINITE) {
    if ((tag & CONSTRUCTED) === 0) throw new DerError('an invalid length');
    return indefinite(bytes, from, to, depth);
  }
  if (length > INDEFINITE) {
    const count = length - INDEFINITE;
    if (count > 3 || from + count > to) throw new DerError('an invalid length');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[from++] as number);
  }
  const end = from + length;
  if (end > to) throw new DerError('cut off');
  return { from, to: end, end };
}

/** An element of indefinite length: its end follows the elements inside it. */
function indefinite(bytes: Uint8Array, from: number, to: number, depth: number): Element {
  if (depth >= MOST_DEPTH) throw new DerError('too many nested elements');
  let inner = from;
  for (let count = 0; count < MOST_ELEMENTS; count++) {
    if (inner + 2 > to) throw new DerError('cut off');
    if (bytes[inner] === 0) {
      if (bytes[inner + 1] !== 0) throw new DerError('an invalid end');
      return { from, to: inner, end: inner + 2 };
    }
    inner = elementAt(bytes, inner, to, depth + 1).end;
  }
  throw new DerError('too many elements');
}
