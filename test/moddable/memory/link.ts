// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way from a device to a server on this machine: it can be cut. */
export class Link {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #up = true;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async to(url: string): Promise<Link> {
    const link = new Link(Number(new URL(url).port));
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#up = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#up = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #pass(socket: Socket): void {
    if (!this.#up) {
      socket.destroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    for (const end of [socket, server]) {
      this.#sockets.add(end);
      end.on('error', () => {});
    }
    socket.pipe(server).pipe(socket);
    socket.once('close', () => this.#over(socket, server));
    server.once('close', () => this.#over(server, socket));
  }

  #over(end: Socket, other: Socket): void {
    this.#sockets.delete(end);
    other.destroy();
  }
}
