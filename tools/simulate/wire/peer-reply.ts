// SPDX-License-Identifier: Apache-2.0
/** Writes an answer of the platform into a fake connection, as a real server does. */

import { STATUS_CODES } from 'node:http';
import type { FakePeer } from '../../../hal/fake/connection.ts';
import type { Reply } from '../../platform/model.ts';

const noBytes = new Uint8Array(0);

export interface PeerReplyOptions {
  readonly peer: FakePeer;
  /** The status of the answer, or 0 when the connection was cut before its end. */
  onStatus(status: number): void;
  /** The connection is free for the next request, or gone. */
  onDone(): void;
}

/** Writes one response (RFC 9112 §6): with the core's `Content-Length`, or else in chunks. */
export class PeerReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #options: PeerReplyOptions;
  #begun = false;
  /** The head, until there are bytes to send with it. */
  #unsent: Buffer | undefined;
  #chunked = false;
  #done = false;

  constructor(options: PeerReplyOptions) {
    this.#options = options;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#begun = true;
    this.#options.onStatus(status);
    this.#chunked = headers['Content-Length'] === undefined && ![101, 204, 304].includes(status);
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
    if (this.#chunked) text += 'Transfer-Encoding: chunked\r\n';
    this.#unsent = Buffer.from(`${text}\r\n`, 'latin1');
    // The head of a held poll is sent at once; every other head is sent together with its body.
    if (this.#chunked) this.#send(noBytes);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#send(this.#framed(bytes));
  }

  end(bytes: Uint8Array = noBytes): void {
    if (this.#done) return;
    const body = bytes.length > 0 ? this.#framed(bytes) : noBytes;
    this.#send(this.#chunked ? Buffer.concat([body, Buffer.from('0\r\n\r\n', 'latin1')]) : body);
    this.#finish();
  }

  /** Sends the bytes written so far and ends the connection; without a head, resets it. */
  drop(): void {
    if (this.#done) return;
    if (this.#begun) {
      this.#send(noBytes);
      this.#options.peer.end();
    } else this.#options.peer.reset();
    this.#options.onStatus(0);
    this.#finish();
  }

  /** The device has closed the connection. */
  closed(): void {
    if (this.#done) return;
    this.#options.onStatus(0);
    this.#finish();
    this.onClose?.();
  }

  #framed(bytes: Uint8Array): Uint8Array {
    if (!this.#chunked) return bytes;
    const size = Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1');
    return Buffer.concat([size, bytes, Buffer.from('\r\n', 'latin1')]);
  }

  #send(bytes: Uint8Array): void {
    if (this.#done) return;
    const head = this.#unsent;
    this.#unsent = undefined;
    const all = head === undefined ? bytes : bytes.length === 0 ? head : Buffer.concat([head, bytes]);
    if (all.length > 0) this.#options.peer.send(all);
  }

  #finish(): void {
    this.#done = true;
    this.#options.onDone();
  }
}
