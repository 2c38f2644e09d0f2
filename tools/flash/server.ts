// SPDX-License-Identifier: Apache-2.0
/** Serves the page and the images to a browser on this machine only: an image may hold secrets. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '../desk/page.ts';
import { type Install, partPath, webManifest } from './installs.ts';

const ADDRESS = '127.0.0.1';

/** The page runs only scripts from this server, and connects only to it. ESP Web Tools needs inline styles. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface FlashServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly page: Page;
  readonly firmware: { readonly name: string; readonly version: string };
  readonly installs: readonly Install[];
}

export interface FlashServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects when the port is taken. */
export async function startFlashServer({ port, page, firmware, installs }: FlashServerOptions): Promise<FlashServer> {
  const files = new Map<string, { readonly type: string; readonly bytes: Uint8Array }>(page);
  const manifest = Buffer.from(JSON.stringify(webManifest(firmware, installs)));
  files.set('manifest.json', { type: 'application/json', bytes: manifest });
  for (const { chipFamily, parts } of installs) {
    for (const { name, bytes } of parts) {
      files.set(partPath(chipFamily, name), { type: 'application/octet-stream', bytes });
    }
  }
  const server = createServer(({ method, url = '/', headers }, response) => {
    const { port: own } = server.address() as AddressInfo;
    // Another host name that leads here may belong to a page that tries to read the images (DNS rebinding).
    const isOurs = headers.host === `${ADDRESS}:${own}` || headers.host === `localhost:${own}`;
    const isRead = method === 'GET' || method === 'HEAD';
    const name = url.slice(1).split('?')[0] || 'index.html';
    const found = isOurs && isRead ? files.get(name) : undefined;
    const status = found !== undefined ? 200 : isOurs ? (isRead ? 404 : 405) : 421;
    response.writeHead(status, {
      'content-type': found?.type ?? 'text/plain',
      'content-length': found?.bytes.length ?? 0,
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    response.end(method === 'HEAD' ? undefined : found?.bytes);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
