// SPDX-License-Identifier: Apache-2.0

import { wholeNumber } from './digits.ts';
import { utf8 } from './text.ts';

const POINT = 0x2e;
const ZERO = 0x30;

/** The 4 or 16 bytes of the IP address in `text`; undefined when `text` is not an address. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Uint8Array | undefined {
  const digits = utf8(text);
  const bytes = new Uint8Array(4);
  let from = 0;
  for (let at = 0; at < 4; at++) {
    const point = at < 3 ? digits.indexOf(POINT, from) : digits.length;
    const value = wholeNumber(digits, from, point);
    // A leading zero is refused: some systems read 010 as 8, others as 10.
    if (value < 0 || value > 255 || (digits[from] === ZERO && point > from + 1)) return undefined;
    bytes[at] = value;
    from = point + 1;
  }
  return bytes;
}

/** The 16 bytes of an IPv6 address, or undefined. Its last four may be written as an IPv4 address (RFC 4291 §2.2). */
function parseIPv6(text: string): Uint8Array | undefined {
  const point = text.indexOf('.');
  if (point >= 0 && point < text.lastIndexOf(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] as string);
  const tail = halves[1] === undefined ? [] : groups(halves[1]);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 8; at++) {
    const value = all[at] as number;
    bytes[2 * at] = value >> 8;
    bytes[2 * at + 1] = value & 0xff;
  }
  return bytes;
}

/** The 16-bit groups of `text`; an IPv4 address is two of them. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const result: number[] = [];
  for (const part of text.split(':')) {
    const address = part.includes('.') ? parseIPv4(part) : undefined;
    if (address !== undefined) {
      result.push(((address[0] as number) << 8) | (address[1] as number));
      result.push(((address[2] as number) << 8) | (address[3] as number));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      result.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return result;
}
