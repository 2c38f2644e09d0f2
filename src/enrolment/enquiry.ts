// SPDX-License-Identifier: Apache-2.0

import { ByteWriter } from '../bytes/writer.ts';
import type { Channel } from '../http/channel.ts';
import type { Exchange } from '../http/exchange.ts';
import { type Failure, failureText } from '../http/failure.ts';
import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';

const BODY_BYTES = 1024;
/** The certificates of a device and of its tenant, with RSA keys, in base64. */
const MOST_BYTES = 8192;

/** One request on a connection of its own, and its result. */
export class Enquiry implements Exchange {
  readonly idempotent = false;
  readonly silenceMs = 0;
  /** The head of the answer; undefined: there is no answer. */
  head: ResponseHead | undefined;
  readonly body = new ByteWriter(BODY_BYTES, MOST_BYTES);
  /** Why there is no answer, for a person. */
  failure = '';
  readonly #channel: Channel;
  readonly #write: (request: RequestWriter) => void;
  readonly #onEnd: () => void;

  constructor(channel: Channel, write: (request: RequestWriter) => void, onEnd: () => void) {
    this.#channel = channel;
    this.#write = write;
    this.#onEnd = onEnd;
  }

  /** Sends the request. `onEnd` follows after the current event, and not after `stop`. */
  start(): void {
    this.#channel.send(this);
  }

  stop(): void {
    this.#channel.close();
  }

  // Exchange

  write(request: RequestWriter): boolean {
    this.#write(request);
    return request.finish();
  }

  onHead(): void {}

  onBody(bytes: Uint8Array, from: number, to: number): void {
    this.body.putRange(bytes, from, to);
  }

  onDone(head: ResponseHead): void {
    this.head = head;
    this.#end();
  }

  onFail(failure: Failure): void {
    const { detail } = this.#channel;
    const text = failureText(failure);
    this.failure = detail === '' ? text : `${text} (${detail})`;
    this.#end();
  }

  #end(): void {
    this.#channel.close();
    this.#onEnd();
  }
}
