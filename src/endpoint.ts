// SPDX-License-Identifier: Apache-2.0

import { parseAddress } from './bytes/address.ts';

export interface Endpoint {
  readonly secure: boolean;
  /** In lower case; an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What the Host header says: the port only where it is not the usual one. */
  readonly authority: string;
}

/** Undefined when it is not the root of an http or https host. */
export function parseEndpoint(url: string): Endpoint | undefined {
  const match = /^(https?):\/\/([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?\/?$/i.exec(url);
  if (match === null) return undefined;
  // RFC 3986 §6.2.2.1: scheme and host are the same in any case.
  const secure = match[1]?.toLowerCase() === 'https';
  const authorityHost = match[2]?.toLowerCase() ?? '';
  const usualPort = secure ? 443 : 80;
  const port = match[3] === undefined ? usualPort : Number(match[3]);
  if (port < 1 || port > 65535) return undefined;
  const isBracketed = authorityHost.startsWith('[');
  const host = isBracketed ? authorityHost.slice(1, -1) : authorityHost;
  if (isBracketed && parseAddress(host)?.length !== 16) return undefined;
  // The dot that says that a name is complete is for the resolver alone.
  const name = authorityHost.replace(/\.$/, '');
  return { secure, host, port, authority: port === usualPort ? name : `${name}:${port}` };
}

/** Loopback and private addresses (RFC 1918, RFC 4193, link-local): the ones where plain http stays in the house. */
export function isPrivateHost(host: string): boolean {
  if (/^(.*\.)?localhost\.?$/i.test(host)) return true;
  const address = parseAddress(host);
  if (address === undefined) return false;
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
