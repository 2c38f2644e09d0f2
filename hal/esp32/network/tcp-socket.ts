// SPDX-License-Identifier: Apache-2.0

import TCP from 'embedded:io/socket/tcp';
import type { Esp32Stream } from './stream.ts';
import { SocketEvent } from './stream.ts';

/**
 * Opens a socket of the SDK that reports its events to `stream`.
 * @throws Error when there is no socket, or no route to `address`
 */
export function openTcpSocket(stream: Esp32Stream, address: string, port: number): TCP<Esp32Stream> {
  return new TCP<Esp32Stream>({ address, port, nodelay: true, target: stream, onReadable, onWritable, onError });
}

// Plain functions lie in flash and serve all sockets; closures would take memory for each socket.

function onReadable(this: TCP<Esp32Stream>, count: number): void {
  this.target.guard(this, SocketEvent.Readable, count);
}

function onWritable(this: TCP<Esp32Stream>, count: number): void {
  this.target.guard(this, SocketEvent.Writable, count);
}

function onError(this: TCP<Esp32Stream>): void {
  this.target.guard(this, SocketEvent.Lost, 0);
}
