// SPDX-License-Identifier: Apache-2.0

import { parseAddress } from '../../../src/bytes/address.ts';
import { DerReader, Tag } from '../../../src/bytes/der.ts';
import { equalBytes } from '../../../src/bytes/text.ts';

/** Tags of alternative names (RFC 5280 §4.2.1.6). */
export const DNS_NAME = 0x82;
export const IP_ADDRESS = 0x87;
const PRINTABLE_STRING = 0x13;

export const STAR = 0x2a;
export const DOT = 0x2e;

/**
 * Whether a certificate is for `host` (RFC 6125 §6.4, RFC 9525). Only the subject's alternative names count. An address
 * matches only an address, never a DNS name that looks like one.
 * @param alternativeNames in DER, because thousands of names would not fit into memory as texts
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

/** Removes the final dot of a complete name: certificates and SNI (RFC 6066 §3) do not have it. */
export function relativeName(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/**
 * Matches a name with or without a wildcard. A wildcard stands for exactly one label, the first one, and never for all
 * names right below a top-level domain.
 */
function matches(name: Uint8Array, host: string): boolean {
  const end = name[name.length - 1] === DOT ? name.length - 1 : name.length;
  if (name[0] !== STAR) return isText(name, 0, end, host, 0);
  const dot = host.indexOf('.');
  return dot > 0 && name.indexOf(DOT, 2) < end && name.indexOf(DOT, 2) > 0 && isText(name, 1, end, host, dot);
}

/** Whether the bytes equal the rest of `text`, which is in lower case. */
function isText(bytes: Uint8Array, from: number, to: number, text: string, textFrom: number): boolean {
  if (to - from !== text.length - textFrom) return false;
  for (let at = from; at < to; at++) {
    const lower = folded(bytes[at] as number);
    if (lower >= 0x7f || lower !== text.charCodeAt(textFrom + at - from)) return false;
  }
  return true;
}

/**
 * Whether subject and issuer are the same (RFC 5280 §7.1), ignoring case and the difference of PrintableString and
 * UTF8String. Compares bytes without parsing: a name only selects the signatures to try.
 */
export function isSameName(name: Uint8Array, other: Uint8Array): boolean {
  return name.length === other.length && isNameAt(name, 0, other);
}

/** Whether the name stands at `from`, in the same sense. A name in DER includes its own length. */
export function isNameAt(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) {
    if (folded(bytes[from + at] as number) !== folded(name[at] as number)) return false;
  }
  return true;
}

/** Maps capitals to small letters, and PrintableString to UTF8String (X.680 §8.6). */
function folded(byte: number): number {
  if (byte === PRINTABLE_STRING) return Tag.Utf8String;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
