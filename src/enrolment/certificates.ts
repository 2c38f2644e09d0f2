// SPDX-License-Identifier: Apache-2.0

import { base64 } from '../bytes/base64.ts';
import { DerError, DerReader, Tag } from '../bytes/der.ts';
import { decodeUtf8, equalBytes } from '../bytes/text.ts';
import { parseTime } from '../bytes/time.ts';
import { BerReader } from './ber.ts';

/** No answer of the platform has more (the device's, the tenant's). */
const MOST_CERTIFICATES = 5;
/** 1.2.840.113549.1.7.2 and .1 (RFC 5652 §5.1, §4). */
const SIGNED_DATA = /* @__PURE__ */ Uint8Array.from([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]);
const COMMON_NAME = /* @__PURE__ */ Uint8Array.from([0x55, 0x04, 0x03]);
const LINE_CHARS = 64;

/** The facts of the device's own certificate. */
export interface CertificateFacts {
  /** The common name of the subject; undefined: none, or more than one. */
  readonly name: string | undefined;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** The bits of the public key. */
  readonly key: Uint8Array;
  /** Issuer and subject are the same. */
  readonly isRoot: boolean;
}

/**
 * The certificates of an answer (RFC 7030 §4.2.3): PKCS #7 with certificates only (RFC 5652 §5), BER or DER, binary or
 * in base64. Each certificate is DER.
 * @throws DerError that says what is wrong
 */
export function readCertificates(body: Uint8Array): Uint8Array[] {
  const bytes = body[0] === Tag.Sequence ? body : decodeBase64(body);
  const all = new BerReader(bytes);
  const content = all.enter(Tag.Sequence);
  all.finish();
  if (!equalBytes(content.take(Tag.ObjectId), SIGNED_DATA)) throw new DerError('no signed data of PKCS #7');
  const signed = content.enter(Tag.Context0).enter(Tag.Sequence);
  signed.take(Tag.Integer);
  signed.take(Tag.Set);
  signed.take(Tag.Sequence);
  if (signed.tag !== Tag.Context0) throw new DerError('no certificate in it');
  const list = signed.enter(Tag.Context0);
  const certificates: Uint8Array[] = [];
  while (list.more) {
    if (certificates.length === MOST_CERTIFICATES) throw new DerError(`more than ${MOST_CERTIFICATES} certificates`);
    const certificate = list.takeWhole(Tag.Sequence);
    readFacts(certificate);
    certificates.push(certificate);
  }
  if (certificates.length === 0) throw new DerError('no certificate in it');
  return certificates;
}

/** Reads the facts of a certificate. @throws DerError when it is not a certificate (RFC 5280 §4.1) */
export function readFacts(certificate: Uint8Array): CertificateFacts {
  const all = new DerReader(certificate);
  const outer = all.enter(Tag.Sequence);
  all.finish();
  const tbs = outer.enter(Tag.Sequence);
  outer.take(Tag.Sequence);
  outer.take(Tag.BitString);
  outer.finish();
  tbs.skip(Tag.Context0);
  tbs.take(Tag.Integer);
  tbs.take(Tag.Sequence);
  const issuer = tbs.takeWhole(Tag.Sequence);
  const validity = tbs.enter(Tag.Sequence);
  const notBeforeMs = readTime(validity);
  const notAfterMs = readTime(validity);
  const subject = tbs.takeWhole(Tag.Sequence);
  const publicKey = tbs.enter(Tag.Sequence);
  publicKey.take(Tag.Sequence);
  const key = publicKey.takeBits();
  return { name: commonName(subject), notBeforeMs, notAfterMs, key, isRoot: equalBytes(issuer, subject) };
}

/** The common name in a name (DER); undefined: none, or more than one. */
export function commonName(subject: Uint8Array): string | undefined {
  const names = new DerReader(subject).enter(Tag.Sequence);
  let found: string | undefined;
  while (names.more) {
    const set = names.enter(Tag.Set);
    while (set.more) {
      const attribute = set.enter(Tag.Sequence);
      if (!equalBytes(attribute.take(Tag.ObjectId), COMMON_NAME)) continue;
      if (found !== undefined) return undefined;
      const value = attribute.take(attribute.tag);
      found = decodeUtf8(value, 0, value.length);
    }
  }
  return found;
}

/** Reads a time (RFC 5280 §4.1.2.5): in UTC, with seconds. */
function readTime(reader: DerReader): number {
  const isShort = reader.tag === Tag.UtcTime;
  const digits = reader.take(isShort ? Tag.UtcTime : Tag.GeneralizedTime);
  const text = decodeUtf8(digits, 0, digits.length);
  if (!(isShort ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new DerError('not a time');
  const at = isShort ? 2 : 4;
  const [day, hour] = [at + 4, at + 6];
  const year = isShort ? `${text < '50' ? '20' : '19'}${text.slice(0, 2)}` : text.slice(0, 4);
  const date = `${year}-${text.slice(at, at + 2)}-${text.slice(day - 2, day)}`;
  const ms = parseTime(`${date}T${text.slice(day, hour)}:${text.slice(hour, hour + 2)}:${text.slice(hour + 2)}`);
  if (Number.isNaN(ms)) throw new DerError('not a time');
  return ms;
}

/** The bytes as PEM (RFC 7468 §2). */
export function pem(label: string, bytes: Uint8Array): string {
  const digits = base64(bytes);
  let text = `-----BEGIN ${label}-----\n`;
  for (let at = 0; at < digits.length; at += LINE_CHARS) {
    text += `${decodeUtf8(digits, at, Math.min(at + LINE_CHARS, digits.length))}\n`;
  }
  return `${text}-----END ${label}-----\n`;
}

/** The content of the first block with this label; undefined: there is no such block, or it is not complete. */
export function fromPem(text: Uint8Array, label: string): Uint8Array | undefined {
  const all = decodeUtf8(text, 0, text.length);
  const begin = `-----BEGIN ${label}-----`;
  const from = all.indexOf(begin);
  const to = all.indexOf(`-----END ${label}-----`, from);
  if (from < 0 || to < 0) return undefined;
  try {
    return decodeBase64(text.subarray(from + begin.length, to));
  } catch {
    return undefined;
  }
}

/**
 * Decodes base64 (RFC 4648 §4) that contains blanks and line ends (RFC 7030 §4.2.1).
 * @throws DerError when it is not base64
 */
export function decodeBase64(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let digits = 0;
  let end = 0;
  let padding = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text[at] as number;
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue;
    if (code === 0x3d) {
      padding++;
      continue;
    }
    const value = digitOf(code);
    if (value < 0 || padding > 0) throw new DerError('neither BER nor base64');
    bits = ((bits << 6) | value) & 0xffffff;
    if ((digits++ & 3) > 0) bytes[end++] = bits >> (6 - 2 * ((digits - 1) & 3));
  }
  if (padding > 2 || (digits & 3) === 1 || (padding > 0 && ((digits + padding) & 3) !== 0))
    throw new DerError('neither BER nor base64');
  return bytes.subarray(0, end);
}

function digitOf(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x47;
  if (code >= 0x30 && code <= 0x39) return code + 4;
  return code === 0x2b ? 62 : code === 0x2f ? 63 : -1;
}
