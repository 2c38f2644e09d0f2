// SPDX-License-Identifier: Apache-2.0

import { parseAddress } from '../../../src/bytes/address.ts';
import { DerReader, Tag } from '../../../src/bytes/der.ts';
import { equalBytes } from '../../../src/bytes/text.ts';

/** In an alternative name of a certificate (RFC 5280 §4.2.1.6). */
export const DNS_NAME = 0x82;
export const IP_ADDRESS = 0x87;
const PRINTABLE_STRING = 0x13;

export const STAR = 0x2a;
export const DOT = 0x2e;

/**
 * RFC 6125 §6.4, RFC 9525: whether a certificate is for `host`. Only the subject's alternative names count. An address
 * is an address, and no name that looks like one.
 * @param alternativeNames as they stand in the certificate: there may be thousands, which would not fit as texts
 * @throws DerError
 */
export function namesHost(alternativeNames: Uint8Array, host: string): boolean {
  const address = parseAddress(host);
  const wanted = relativeName(host).toLowerCase();
  const names = new DerReader(alternativeNames);
  while (names.more) {
    const { tag } = names;
    const name = names.take(tag);
    if (address === undefined) {
      if (tag === DNS_NAME && wanted !== '' && matches(name, wanted)) return true;
    } else if (tag === IP_ADDRESS && equalBytes(name, address)) {
      return true;
    }
  }
  return false;
}

/** Without the dot that says that a name is complete: neither certificates nor SNI (RFC 6066 §3) have it. */
export function relativeName(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/**
 * A star stands for the whole first label and for one label only, and never for all names right below a top-level
 * domain.
 */
function matches(name: Uint8Array, host: string): boolean {
  const end = name[name.length - 1] === DOT ? name.length - 1 : name.length;
  if (name[0] !== STAR) return isText(name, 0, end, host, 0);
  const dot = host.indexOf('.');
  return dot > 0 && name.indexOf(DOT, 2) < end && name.indexOf(DOT, 2) > 0 && isText(name, 1, end, host, dot);
}

/** Whether these bytes are what follows in `text`, which is in lower case. */
function isText(bytes: Uint8Array, from: number, to: number, text: string, textFrom: number): boolean {
  if (to - from !== text.length - textFrom) return false;
  for (let at = from; at < to; at++) {
    const lower = folded(bytes[at] as number);
    if (lower >= 0x7f || lower !== text.charCodeAt(textFrom + at - from)) return false;
  }
  return true;
}

/**
 * Whether subject and issuer are the same (RFC 5280 §7.1): in any case, and as PrintableString or UTF8String. Byte by byte, without
 * a look at what each is: a name only says which signature to try.
 */
export function isSameName(name: Uint8Array, other: Uint8Array): boolean {
  return name.length === other.length && isNameAt(name, 0, other);
}

/** Whether the name stands there, in that sense. A name says itself how long it is. */
export function isNameAt(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) {
    if (folded(bytes[from + at] as number) !== folded(name[at] as number)) return false;
  }
  return true;
}

/** A small letter for a capital, and one type of texts for the other (X.680 §8.6). */
function folded(byte: number): number {
  if (byte === PRINTABLE_STRING) return Tag.Utf8String;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
