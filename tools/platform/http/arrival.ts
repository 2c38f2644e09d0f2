// SPDX-License-Identifier: Apache-2.0
/** Converts a request of a Node.js server for the core. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PlatformRequest } from '../model.ts';

/** A request, and the server that received it. */
export interface Arrival {
  readonly kind: 'api' | 'token';
  readonly origin: string;
  readonly request: IncomingMessage;
}

/** The request in the core's form, with its body. */
export function platformRequest({ kind, origin, request }: Arrival, body: Uint8Array): PlatformRequest {
  const { socket } = request;
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  const repeatedHeaders: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]?.toLowerCase() ?? '';
    const value = request.rawHeaders[index + 1] ?? '';
    if (seen.has(name)) repeatedHeaders.push(name);
    seen.add(name);
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const leaf = socket instanceof TLSSocket && kind === 'token' ? socket.getPeerCertificate().raw : undefined;
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    repeatedHeaders,
    body,
    port: kind,
    origin,
    ...(leaf === undefined ? {} : { clientCertificate: { leaf } }),
    ...connectionOf(socket),
  };
}

const connections = new WeakMap<Socket, { readonly number: number; bytesRead: number }>();
let lastConnection = 0;

/** Number of the connection, and its bytes since the last request. */
function connectionOf(socket: Socket): { connection: number; sizeBytes: number } {
  let known = connections.get(socket);
  if (known === undefined) {
    lastConnection += 1;
    known = { number: lastConnection, bytesRead: 0 };
    connections.set(socket, known);
  }
  const sizeBytes = socket.bytesRead - known.bytesRead;
  known.bytesRead = socket.bytesRead;
  return { connection: known.number, sizeBytes };
}
