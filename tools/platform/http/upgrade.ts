// SPDX-License-Identifier: Apache-2.0
/** Upgrades to a WebSocket on real sockets. The core decides; what is not upgraded gets its answer as any other request. */

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PlatformRequest, Reply, Socket, SocketListener } from '../model.ts';
import type { Platform } from '../platform.ts';
import { HttpReply } from './http-reply.ts';

export interface UpgradeOptions {
  readonly platform: Platform;
  readonly handle: Platform['handle'];
  readonly asked: PlatformRequest;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What has come behind the head. */
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
    close: (code, reason) => opened.close(code, reason),
  });
  opened.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) breach('a text');
    opened.pause();
    listener.onMessage(data, () => opened.resume());
  });
  opened.on('close', () => listener.onClose());
  opened.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith('WS_ERR_') === true) breach(error.code);
  });
}

/** Hands the socket over when the answer is 101, and is an answer like any other when it is not. */
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
