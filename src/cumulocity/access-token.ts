// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import { decodeBase64Url } from '../bytes/base64.ts';
import { ascii, indexOfBytes, NO_BYTES } from '../bytes/text.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import type { Config } from '../config.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import { member, readNumber, readString } from '../json/scan.ts';
import { Media, Name, Path } from './wire.ts';

const BEARER = ascii('Bearer ');
const CHAIN = ascii('X-Ssl-Cert-Chain: ');
const BEGIN = ascii('-----BEGIN CERTIFICATE-----');
const END = ascii('-----END CERTIFICATE-----');
const SPACE = 0x20;
/** The usual life of the platform's tokens, for claims without times. */
const USUAL_LIFE_MS = 3_600_000;

/** Writes the request for a token; the connection must show the certificate. */
export function writeTokenRequest(request: RequestWriter, hal: Hal, config: Config): void {
  request.start(Method.Post).put(Path.AccessToken);
  const pem = config.text('sendChain') === 'yes' ? hal.resource(config.text('certificate')) : undefined;
  if (pem !== undefined) request.extra(chainHeader(pem));
  request.headers(undefined, Media.Json);
}

/** The JWT in the answer; undefined when there is none, or when it does not fit into a header. */
export function readToken({ bytes, end }: ByteWriter): Uint8Array | undefined {
  const at = member(bytes, 0, end, Name.AccessToken);
  const jwt = at < 0 ? undefined : readString(bytes, at, end);
  return jwt !== undefined && /^[\x21-\x7e]{1,4000}$/.test(jwt) ? ascii(jwt) : undefined;
}

/** The value of an Authorization header (RFC 6750 §2.1). */
export function bearer(jwt: Uint8Array): Uint8Array {
  const value = new Uint8Array(BEARER.length + jwt.length);
  value.set(BEARER);
  value.set(jwt, BEARER.length);
  return value;
}

/**
 * The certificates of a PEM file, in their order, in one line: each run of line ends becomes one space, also inside the
 * blocks. Other parts of the file are left out; one may be the key.
 */
function chainHeader(pem: Uint8Array): Uint8Array {
  const line = new Uint8Array(CHAIN.length + pem.length);
  line.set(CHAIN);
  let end = CHAIN.length;
  let from = indexOfBytes(pem, 0, pem.length, BEGIN);
  while (from >= 0) {
    const last = indexOfBytes(pem, from, pem.length, END);
    if (last < 0) break;
    const to = last + END.length;
    if (end > CHAIN.length) line[end++] = SPACE;
    for (let i = from; i < to; i++) {
      const byte = pem[i] as number;
      if (byte > SPACE) line[end++] = byte;
      else if (line[end - 1] !== SPACE) line[end++] = SPACE;
    }
    from = indexOfBytes(pem, to, pem.length, BEGIN);
  }
  return line.subarray(0, end);
}

/** The claims of a JWT, as JSON (RFC 7519 §7.2); empty when the text is not a JWT. */
export function claimsOf(jwt: Uint8Array): Uint8Array {
  const first = jwt.indexOf(0x2e);
  const second = jwt.indexOf(0x2e, first + 1);
  if (first < 0 || second < 0) return NO_BYTES;
  return decodeBase64Url(jwt, first + 1, second) ?? NO_BYTES;
}

/** `exp - iat`, which does not depend on the device's clock; the usual life when the claims have no such times. */
export function lifeMs(claims: Uint8Array): number {
  const from = member(claims, 0, claims.length, Name.Iat);
  const to = member(claims, 0, claims.length, Name.Exp);
  const seconds = readNumber(claims, to, claims.length) - readNumber(claims, from, claims.length);
  return seconds >= 1 && seconds < 1e8 ? seconds * 1000 : USUAL_LIFE_MS;
}

/** The device's user on the platform; undefined when the claims have none. */
export function subjectOf(claims: Uint8Array): string | undefined {
  return readString(claims, member(claims, 0, claims.length, Name.Sub), claims.length);
}
