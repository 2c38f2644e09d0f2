// SPDX-License-Identifier: Apache-2.0

import type { ServerResponse } from 'node:http';
import type { Reply } from '../model.ts';

/** An answer on a real socket. */
export class HttpReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    // The core sets the date, which may be wrong on purpose.
    response.sendDate = false;
    // A write after the end of a connection is lost, and must not end this process.
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
    // Sends the head of a held poll at once.
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
    // Sends the bytes that were written so far.
    this.#response.flushHeaders();
    socket?.destroySoon();
  }
}
