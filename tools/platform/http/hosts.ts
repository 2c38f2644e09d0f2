// SPDX-License-Identifier: Apache-2.0
/** The names of this server: its own address, and the entries of the setting `hosts`. */

import type { PlatformRequest } from '../model.ts';
import { isHost } from './headers.ts';

/** Scheme and host for links, as the client named them. */
export function baseOf({ headers, origin }: PlatformRequest, hosts: readonly string[]): string {
  const host = headers['host'];
  if (host === undefined || !isHost(host)) return origin;
  const own = origin.slice(0, origin.indexOf('://'));
  const named = hosts.find((each) => isNamed(host, origin, each));
  return `${/^(https?):/i.exec(named ?? '')?.[1]?.toLowerCase() ?? own}://${host}`;
}

/** The name or address in an entry of the setting, in the form of certificates. */
export function hostName(entry: string): string {
  return split(entry.replace(/^https?:\/\//i, ''))[0].replace(/^\[|\]$/g, '');
}

/** Whether a host, `NAME[:PORT]`, is this server. */
export function isOurHost(host: string, origin: string, hosts: readonly string[]): boolean {
  return isHost(host) && isKnown(host, origin, hosts);
}

/** Like `isOurHost`, for a valid host. */
export function isKnown(host: string, origin: string, hosts: readonly string[]): boolean {
  // The case of nearly every request.
  if (origin.endsWith(`://${host}`)) return true;
  return areSame(host, origin) || hosts.some((each) => isNamed(host, origin, each));
}

function areSame(host: string, origin: string): boolean {
  const { hostname, port, protocol } = new URL(origin);
  if (everyAddress.includes(hostname)) return true;
  const [name, named] = split(host);
  const usual = protocol === 'https:' ? '443' : '80';
  if ((named ?? usual) !== (port === '' ? usual : port)) return false;
  return name === hostname || (loopback.includes(hostname) && loopback.includes(name));
}

/** `entry` is `[SCHEME://]NAME[:PORT]`; without a port it may be this server's own, or left out. */
function isNamed(host: string, origin: string, entry: string): boolean {
  const [name, port] = split(entry.replace(/^https?:\/\//i, ''));
  const [hostName, hostPort] = split(host);
  if (name !== hostName) return false;
  return port === undefined ? hostPort === undefined || hostPort === new URL(origin).port : port === hostPort;
}

function split(host: string): [name: string, port: string | undefined] {
  const [, name = '', port] = /^(.+?)(?::(\d+))?$/.exec(host) ?? [];
  return [name.toLowerCase(), port];
}

/** Addresses of a server that listens on all addresses, so that any host may be meant. */
const everyAddress = ['0.0.0.0', '[::]'];
const loopback = ['127.0.0.1', 'localhost', '[::1]'];
