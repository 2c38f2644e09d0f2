// SPDX-License-Identifier: Apache-2.0
/** Answers browsers that open this server with the desk. They are no devices, so they cannot break rules. */

import type { PlatformRequest, Reply } from '../model.ts';
import { isOurHost } from './hosts.ts';
import { utf8 } from './http.ts';

export interface PageFiles {
  get(name: string): { readonly type: string; readonly bytes: Uint8Array } | undefined;
}

/** Allows only content from this server, and no frames. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Whether a browser sends this by itself: for a typed address, or for the content of a page. Calls of the desk do not
 * count.
 */
export function isBrowser({ method, headers, path }: PlatformRequest): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || headers['authorization'] !== undefined) return false;
  if (path.startsWith('/emulator/')) return false;
  const { accept = '', 'sec-fetch-dest': destination } = headers;
  if (destination !== undefined) return destination !== 'empty';
  return accept.includes('text/html') || path === '/favicon.ico';
}

export function answerBrowser(request: PlatformRequest, page: PageFiles, hosts: readonly string[], reply: Reply): void {
  const { method, headers, origin, path } = request;
  if (!isOurHost(headers['host'] ?? '', origin, hosts)) {
    send(reply, 403, 'text/plain', utf8('this is not the server of that name'), method);
    return;
  }
  const [name = ''] = path.slice(1).split('?');
  const file = page.get(name === '' ? 'index.html' : name);
  if (file === undefined) send(reply, 404, 'text/plain', utf8('The desk is at /'), method);
  else send(reply, 200, file.type, file.bytes, method);
}

function send(reply: Reply, status: number, type: string, bytes: Uint8Array, method: string): void {
  reply.head(status, {
    'Content-Type': type,
    'Content-Length': String(bytes.length),
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  reply.end(method === 'HEAD' ? undefined : bytes);
}
