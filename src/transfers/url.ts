// SPDX-License-Identifier: Apache-2.0

import { type Endpoint, parseEndpoint } from '../endpoint.ts';

/** The address of a file. */
export interface Url {
  readonly endpoint: Endpoint;
  /** Path and query, visible ASCII. */
  readonly path: string;
}

/** Longer URLs would not fit into the request with a token. */
const URL_MAX_CHARS = 2048;

/**
 * Reads an absolute http or https URL without user name; undefined for other texts, or for characters that must be
 * percent-encoded.
 */
export function parseUrl(text: string): Url | undefined {
  const match = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(text.trim());
  const endpoint = parseEndpoint(match?.[1] ?? '');
  if (match === null || endpoint === undefined || text.length > URL_MAX_CHARS) return undefined;
  const rest = match[2] ?? '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return /^[\x21-\x7e]+$/.test(path) ? { endpoint, path } : undefined;
}

/** The target of a redirect (RFC 3986 §5.2); undefined when it is not a URL that can be followed. */
export function resolveUrl(base: Url, reference: string): Url | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return parseUrl(reference);
  const { endpoint, path } = base;
  const scheme = endpoint.secure ? 'https:' : 'http:';
  if (reference.startsWith('//')) return parseUrl(scheme + reference);
  const root = `${scheme}//${endpoint.authority}`;
  if (reference.startsWith('/')) return parseUrl(root + reference);
  const query = path.indexOf('?');
  const whole = query < 0 ? path : path.slice(0, query);
  if (reference.startsWith('?')) return parseUrl(root + whole + reference);
  return parseUrl(root + withoutDots(whole.slice(0, whole.lastIndexOf('/') + 1) + reference));
}

/** RFC 3986 §5.2.4, for a path that begins with a slash; the query stays unchanged. */
function withoutDots(path: string): string {
  const query = path.indexOf('?');
  const segments = (query < 0 ? path : path.slice(0, query)).split('/');
  const kept: string[] = [];
  for (let i = 1; i < segments.length; i++) {
    const segment = segments[i] as string;
    const isLast = i === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  }
  return `/${kept.join('/')}${query < 0 ? '' : path.slice(query)}`;
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  // The authority has no final dot, and no port that is usual for the scheme.
  return a.secure === b.secure && a.authority === b.authority;
}

/**
 * The platform names its files by the host of the tenant's id, even if the tenant is reached by another name of the
 * same domain (`t1000.example.com` for `acme.example.com`). Such a file is requested from this device's own endpoint,
 * because the credentials go to no other host.
 */
export function atHome(url: Url, home: Endpoint): Url {
  const { endpoint, path } = url;
  const isFile = /^\/(inventory\/binaries|event\/events)\//.test(path);
  const domain = domainOf(home.host);
  if (!isFile || domain === '' || domain !== domainOf(endpoint.host) || !endpoint.secure || !home.secure) return url;
  return { endpoint: home, path };
}

/** The part after the first label of a name, if that is a domain of its own; empty for addresses and short names. */
function domainOf(host: string): string {
  const domain = host.slice(host.indexOf('.') + 1).replace(/\.$/, '');
  return /^[0-9.]+$|:/.test(host) || domain === host || !domain.includes('.') ? '' : domain;
}
