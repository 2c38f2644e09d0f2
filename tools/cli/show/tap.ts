// SPDX-License-Identifier: Apache-2.0

import type { Json, PlatformOptions, PlatformRequest, Reply } from '../../platform/model.ts';
import { Platform } from '../../platform/platform.ts';

/** A request with the beginning of its answer. */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Undefined when there is none, or none that can be read. */
  readonly body: Json | undefined;
  /** 0: it was cut before it was answered. */
  readonly status: number;
  /** The id in the answer's `Location`; empty when there is none. */
  readonly createdId: string;
}

/** A platform that tells what it was asked and what it answered. */
export class TappedPlatform extends Platform {
  readonly #onExchange: (exchange: Exchange) => void;

  constructor(options: PlatformOptions, onExchange: (exchange: Exchange) => void) {
    super(options);
    this.#onExchange = onExchange;
  }

  override handle(request: PlatformRequest, reply: Reply): void {
    super.handle(request, new TappedReply(request, reply, this.#onExchange));
  }
}

class TappedReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #request: PlatformRequest;
  readonly #reply: Reply;
  readonly #onExchange: (exchange: Exchange) => void;
  #status = 0;
  #createdId = '';

  constructor(request: PlatformRequest, reply: Reply, onExchange: (exchange: Exchange) => void) {
    this.#request = request;
    this.#reply = reply;
    this.#onExchange = onExchange;
    reply.onClose = () => {
      this.onClose?.();
      this.#tell(0);
    };
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#status = status;
    this.#createdId = headers['Location']?.split('/').at(-1) ?? '';
    this.#reply.head(status, headers);
  }

  write(bytes: Uint8Array): void {
    this.#reply.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    this.#reply.end(bytes);
    this.#tell(this.#status);
  }

  drop(): void {
    this.#reply.drop();
    this.#tell(0);
  }

  #tell(status: number): void {
    const { method, path, body } = this.#request;
    const [bare = ''] = path.split('?');
    this.#onExchange({ method, path: bare, body: parsed(body), status, createdId: this.#createdId });
  }
}

function parsed(body: Uint8Array): Json | undefined {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}
