// SPDX-License-Identifier: Apache-2.0

import { NO_BYTES } from '../../../src/bytes/text.ts';

/** A block of a PEM text (RFC 7468): its label, and its decoded content. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/**
 * Reads the blocks of PEM, in order, or takes the bytes as one block of DER when they begin like DER.
 * @param label the label of a DER block
 * @param isLenient a damaged block is empty, and the others are read
 * @throws Error when there is no block, or a block is damaged
 */
export function readPem(bytes: Uint8Array, label: string, isLenient = false): PemBlock[] {
  // 0x30 is also the character "0". DER gives its length in the second byte, and only keys are short.
  if (bytes[0] === 0x30 && ((bytes[1] as number) > 0x7f || bytes[1] === bytes.length - 2)) return [{ label, bytes }];
  const text = ascii(bytes);
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const head = text.indexOf(DASHES, at + BEGIN.length);
    const label = text.slice(at + BEGIN.length, head);
    const end = text.indexOf(`${END}${label}${DASHES}`, head);
    const content = head < 0 || end < 0 ? undefined : decodeBase64(bytes, head + DASHES.length, end);
    if (content === undefined && !isLenient) throw new Error('PEM: a block without an end, or that is no base64');
    blocks.push({ label, bytes: content ?? NO_BYTES });
    // The end may be that of the next block.
    at = content === undefined ? at + BEGIN.length : end + END.length;
  }
  if (blocks.length === 0) throw new Error('PEM: there is no block');
  return blocks;
}

/** One character per byte, so that indexes in the text are indexes of the bytes. */
function ascii(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 64) {
    text += String.fromCharCode(...bytes.subarray(from, from + 64));
  }
  return text;
}

/** Base64 (RFC 4648 §4) with white space between; undefined: it is none. */
function decodeBase64(text: Uint8Array, from: number, to: number): Uint8Array | undefined {
  const out = new Uint8Array(Math.ceil(((to - from) * 3) / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let at = from; at < to; at++) {
    const value = sextet(text[at] as number);
    if (value === SPACE) continue;
    if (value === PADDING) break;
    if (value === FOREIGN) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[length++] = (bits >> count) & 0xff;
    }
  }
  return out.slice(0, length);
}

const SPACE = -1;
const PADDING = -2;
const FOREIGN = -3;

function sextet(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43) return 62;
  if (code === 47) return 63;
  if (code === 61) return PADDING;
  if (code === 32 || code === 13 || code === 10 || code === 9) return SPACE;
  return FOREIGN;
}
