// SPDX-License-Identifier: Apache-2.0

import type { FakePeer } from '../../hal/fake/connection.ts';
import type { FakeNetwork } from '../../hal/fake/network.ts';
import { RequestReader, type WireRequest } from '../../tools/simulate/wire/request-reader.ts';

/** What a server of files says to a request: the bytes as they go out, and whether it hangs up behind them. */
export interface Said {
  readonly bytes: Uint8Array | string;
  readonly ending?: 'end' | 'reset';
  /** One byte each so many milliseconds, the first at once. Default: all of them at once. */
  readonly trickleMs?: number;
}

/** A server of files on the fake network, not the platform's: it answers as its script says, else with the file. */
export class FileServer {
  readonly requests: WireRequest[] = [];
  content: Uint8Array;
  tag: string | undefined = '"v1"';
  /** Answers for the next requests, one each; undefined: the file. */
  readonly script: (((request: WireRequest) => Said) | undefined)[] = [];
  /** The answer to what is not in the script. Default: the file. */
  always: ((request: WireRequest) => Said) | undefined;

  constructor(network: FakeNetwork, host: string, content: Uint8Array, tls = true) {
    this.content = content;
    network.listen(host, tls ? 443 : 80, (peer) => this.#accept(peer, network), { tls });
  }

  /** A whole answer. */
  static answer(
    status: number,
    fields: Readonly<Record<string, string | number>>,
    body: Uint8Array | string = '',
  ): string {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = typeof body === 'string' ? body : Buffer.from(body).toString('latin1');
    return `HTTP/1.1 ${status} x\r\n${lines.join('')}\r\n${text}`;
  }

  /** The file, or the part of it that is asked for. */
  file(request: WireRequest): string {
    const { content, tag } = this;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers['range'] ?? '')?.[1] ?? -1);
    const etag = tag === undefined ? {} : { ETag: tag };
    if (from < 0 || (request.headers['if-range'] ?? tag) !== tag) {
      return FileServer.answer(200, { 'Content-Length': content.length, ...etag }, content);
    }
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    const part = content.subarray(from);
    return FileServer.answer(206, { 'Content-Length': part.length, 'Content-Range': range, ...etag }, part);
  }

  #accept(peer: FakePeer, network: FakeNetwork): void {
    const reader = new RequestReader({
      onRequest: (request) => {
        this.requests.push(request);
        const said = this.script.shift() ?? this.always;
        const { bytes, ending, trickleMs = 0 } = said?.(request) ?? { bytes: this.file(request) };
        const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
        if (trickleMs > 0) this.#trickle(peer, network, all, trickleMs);
        else peer.send(all);
        // What was sent before a reset and has not arrived would be lost.
        if (ending !== undefined) network.time.schedule(1000, () => peer[ending]());
      },
      onMalformed: () => peer.reset(),
    });
    peer.onData = (bytes) => reader.feed(bytes);
  }

  #trickle(peer: FakePeer, network: FakeNetwork, bytes: Uint8Array, everyMs: number): void {
    if (bytes.length === 0 || !peer.connected) return;
    peer.send(bytes.subarray(0, 1));
    network.time.schedule(everyMs, () => this.#trickle(peer, network, bytes.subarray(1), everyMs));
  }
}
