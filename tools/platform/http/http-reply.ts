// SPDX-License-Identifier: Apache-2.0

import type { ServerResponse } from 'node:http';
import type { Reply } from '../model.ts';

/** An answer on a socket of this machine. */
export class HttpReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    // The core gives the date, which may lie.
    response.sendDate = false;
    // What is written behind the end of a connection is lost and no event of this process.
    response.on('error', () => {});
    response.on('close', () => {
      if (!response.writableFinished) this.onClose?.();
    });
  }

  get backlogBytes(): number {
    return this.#response.writableLength;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#response.writeHead(status, headers);
    // A held poll shows its head at once.
    if (status !== 204 && headers['Content-Length'] === undefined) this.#response.flushHeaders();
  }

  write(bytes: Uint8Array): void {
    this.#response.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    this.#response.end(bytes);
  }

  drop(): void {
    const { socket, headersSent } = this.#response;
    if (!headersSent) {
      socket?.destroy();
      return;
    }
    // What was written so far still goes out.
    this.#response.flushHeaders();
    socket?.destroySoon();
  }
}
