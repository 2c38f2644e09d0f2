// SPDX-License-Identifier: Apache-2.0
/** Upgrades real sockets to WebSockets. The core decides; a refused upgrade gets an ordinary answer. */

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { HttpReply } from './http/http-reply.ts';
import type { PlatformRequest, Reply, Socket, SocketListener } from './model.ts';
import type { Platform } from './platform.ts';

export interface UpgradeOptions {
  readonly platform: Platform;
  readonly handle: Platform['handle'];
  readonly asked: PlatformRequest;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that arrived after the head. */
  readonly head: Buffer;
}

type Accept = (socket: Socket) => SocketListener;

const messageMaxBytes = 1024 * 1024;
const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: messageMaxBytes,
  handleProtocols: () => 'binary',
});

/**
 * Reads the body of a request that asks for an upgrade to another protocol. Clients that prefer HTTP/2 ask like that;
 * such a wish is ignored (RFC 9110 §7.8). A client that stops before the end of its body gets no answer.
 */
export function readBehind(
  {
    request,
    socket,
    head,
    maxBytes,
  }: Pick<UpgradeOptions, 'request' | 'socket' | 'head'> & { readonly maxBytes: number },
  onBody: (body: Uint8Array) => void,
): void {
  // After an upgrade, the server no longer listens for errors of the socket.
  socket.on('error', () => socket.destroy());
  const { upgrade, 'content-length': length = '0' } = request.headers;
  if (request.method === 'GET' && upgrade?.toLowerCase() === 'websocket') {
    onBody(new Uint8Array(0));
    return;
  }
  const wantedBytes = Number(length);
  if (!(wantedBytes <= maxBytes) || request.headers['transfer-encoding'] !== undefined) {
    socket.end('HTTP/1.1 411 Length Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const chunks = [head];
  let bytes = head.length;
  const look = () => {
    if (bytes < wantedBytes) return;
    socket.off('data', take);
    onBody(Buffer.concat(chunks).subarray(0, wantedBytes));
  };
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    look();
  };
  socket.on('data', take);
  look();
}

/** Answers one request for an upgrade. */
export function answerUpgrade(options: UpgradeOptions): void {
  const { handle, asked, request } = options;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(options.socket as NetSocket);
  response.on('finish', () => options.socket.end());
  let accept: Accept | undefined;
  const carried: PlatformRequest = {
    ...asked,
    upgrade(accepts) {
      accept = accepts;
    },
  };
  handle(carried, new UpgradeReply(response, () => accept !== undefined && begin(options, response, accept)));
}

function begin({ platform, request, socket, head }: UpgradeOptions, response: ServerResponse, accept: Accept): void {
  response.detachSocket(socket as NetSocket);
  server.handleUpgrade(request, socket, head, (opened) => {
    const breach = (what: string) => platform.core.breach('websocket', what, '', `GET ${request.url}`);
    platform.core.guard(() => carry(opened, accept, breach));
  });
}

function carry(opened: WebSocket, accept: Accept, breach: (what: string) => void): void {
  const listener = accept({
    send: (bytes, onSent) => opened.send(bytes, { binary: true }, () => onSent()),
    close(code, reason) {
      opened.close(code, reason);
      // Reads on, to receive the close of the other side.
      opened.resume();
    },
  });
  opened.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) breach('a text');
    if (opened.readyState === opened.OPEN) opened.pause();
    listener.onMessage(data, () => opened.resume());
  });
  opened.on('close', () => listener.onClose());
  opened.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith('WS_ERR_') === true) breach(error.code);
  });
}

/** Hands the socket over when the answer is 101; otherwise an ordinary answer. */
class UpgradeReply implements Reply {
  readonly #reply: HttpReply;
  readonly #onUpgrade: () => void;
  #isUpgraded = false;

  constructor(response: ServerResponse, onUpgrade: () => void) {
    this.#reply = new HttpReply(response);
    this.#onUpgrade = onUpgrade;
  }

  get onClose(): (() => void) | undefined {
    return this.#reply.onClose;
  }

  set onClose(listener: (() => void) | undefined) {
    this.#reply.onClose = listener;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#isUpgraded = status === 101;
    if (!this.#isUpgraded) this.#reply.head(status, headers);
  }

  write(bytes: Uint8Array): void {
    if (!this.#isUpgraded) this.#reply.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    if (this.#isUpgraded) this.#onUpgrade();
    else this.#reply.end(bytes);
  }

  drop(): void {
    this.#reply.drop();
  }
}
