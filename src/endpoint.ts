// SPDX-License-Identifier: Apache-2.0

import { parseAddress } from './bytes/address.ts';
import { wholeNumber } from './bytes/digits.ts';
import { ascii, decodeUtf8, startsWithIgnoreCase, utf8 } from './bytes/text.ts';

const HTTP = ascii('http://');
const HTTPS = ascii('https://');
const MINUS = 0x2d;
const POINT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LOW_LINE = 0x5f;
const HOST_MAX_BYTES = 253;
const PORT_MAX_DIGITS = 5;

export interface Endpoint {
  readonly secure: boolean;
  /** In lower case; an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The value of the Host header: with the port only if it is not the default. */
  readonly authority: string;
}

/**
 * Reads a URL; undefined when it is not the root of an http or https host. It is read as bytes, because a regular
 * expression allocates six times as much.
 */
export function parseEndpoint(url: string): Endpoint | undefined {
  const b = utf8(url);
  const to = b.length;
  // RFC 3986 §6.2.2.1: scheme and host are the same in any case.
  const secure = startsWithIgnoreCase(b, 0, to, HTTPS);
  if (!secure && !startsWithIgnoreCase(b, 0, to, HTTP)) return undefined;
  const from = secure ? HTTPS.length : HTTP.length;
  const isBracketed = b[from] === OPEN_BRACKET;
  const hostFrom = isBracketed ? from + 1 : from;
  const hostTo = hostEnd(b, hostFrom, isBracketed);
  if (hostTo === hostFrom || hostTo - hostFrom > HOST_MAX_BYTES) return undefined;
  const host = decodeUtf8(b, hostFrom, hostTo);
  if (isBracketed && (b[hostTo] !== CLOSE_BRACKET || parseAddress(host)?.length !== 16)) return undefined;
  const usualPort = secure ? 443 : 80;
  let port = usualPort;
  let at = isBracketed ? hostTo + 1 : hostTo;
  if (b[at] === COLON) {
    const digits = at + 1;
    at = to > digits && b[to - 1] === SLASH ? to - 1 : to;
    port = at - digits > PORT_MAX_DIGITS ? -1 : wholeNumber(b, digits, at);
  }
  if (b[at] === SLASH) at++;
  if (at < to || port < 1 || port > 65535) return undefined;
  // The final dot of a complete name is only for the resolver.
  const isComplete = !isBracketed && b[hostTo - 1] === POINT;
  const name = isBracketed ? `[${host}]` : isComplete ? decodeUtf8(b, hostFrom, hostTo - 1) : host;
  return { secure, host, port, authority: port === usualPort ? name : `${name}:${port}` };
}

/** The end of the host that begins at `at`; its letters become lower case. */
function hostEnd(b: Uint8Array, at: number, isAddress: boolean): number {
  let end = at;
  for (;;) {
    const byte = b[end] as number;
    const letter = byte | 0x20;
    const isLetter = letter >= 0x61 && letter <= (isAddress ? 0x66 : 0x7a);
    if (isLetter) b[end] = letter;
    else if (byte !== POINT && !(byte >= 0x30 && byte <= 0x39)) {
      if (isAddress ? byte !== COLON : byte !== MINUS && byte !== LOW_LINE) return end;
    }
    end++;
  }
}

/** Whether it is a loopback or private address (RFC 1918, RFC 4193, link-local), so that plain http stays local. */
export function isPrivateHost(host: string): boolean {
  const address = parseAddress(host);
  if (address === undefined) return /^(.*\.)?localhost\.?$/i.test(host);
  const first = address[0] as number;
  const second = address[1] as number;
  if (address.length === 16) {
    // ::ffff:10.0.0.1 is 10.0.0.1 (RFC 4291 §2.5.5.2).
    if (/^(0+,){10}255,255,/.test(address.join())) return isPrivateHost(address.slice(12).join('.'));
    const isLoopback = /^(0,){15}1$/.test(address.join());
    return isLoopback || (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80);
  }
  return (
    first === 127 ||
    first === 10 ||
    (first === 192 && second === 168) ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 169 && second === 254)
  );
}
