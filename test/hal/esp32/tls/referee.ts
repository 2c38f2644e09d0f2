// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { connect, createServer, type Server } from 'node:tls';
import { networkErrorKind } from '../../../../hal/node/errors.ts';
import { within } from '../../../support/until.ts';
import type { Chain, Verdict } from './chains.ts';

/** A TLS server on 127.0.0.1 that shows a chain; it answers each connection with one byte. */
export async function serve({ chain, privateKey }: Chain): Promise<Server> {
  const server = createServer({ cert: chain, key: privateKey, ciphers: 'DEFAULT@SECLEVEL=0' }, (socket) => {
    socket.on('error', () => {});
    socket.end('+');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function portOf(server: TcpServer): number {
  return (server.address() as AddressInfo).port;
}

/** What OpenSSL, with Node's check of names, says of it. */
export async function refereeVerdict({ ca, host }: Chain, port: number): Promise<Verdict | string> {
  const named = /^[\d.]+$/.test(host) ? {} : { servername: host };
  const socket = connect({ host: '127.0.0.1', port, ca, maxVersion: 'TLSv1.2', ...named });
  try {
    await within(once(socket, 'secureConnect'), 'OpenSSL says nothing');
    return 'good';
  } catch (error) {
    return networkErrorKind(error as NodeJS.ErrnoException, true);
  } finally {
    socket.destroy();
  }
}
