// SPDX-License-Identifier: Apache-2.0
/** The outermost reply: guards the callbacks of the connection, and answers after a defect. */

import type { Core } from '../core/core.ts';
import { utf8 } from '../http/http.ts';
import type { Reply } from '../model.ts';

export class GuardedReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #reply: Reply;
  readonly #core: Core;
  #state: 'new' | 'begun' | 'over' = 'new';

  constructor(reply: Reply, core: Core) {
    this.#reply = reply;
    this.#core = core;
    reply.onClose = () => {
      this.#state = 'over';
      core.guard(() => this.onClose?.());
    };
  }

  get backlogBytes(): number {
    return this.#reply.backlogBytes ?? 0;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#reply.head(status, headers);
    this.#state = 'begun';
  }

  write(bytes: Uint8Array): void {
    this.#reply.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    this.#state = 'over';
    this.#reply.end(bytes);
  }

  drop(): void {
    this.#state = 'over';
    this.#reply.drop();
  }

  /** Ends the reply after a defect of the emulator: 500 if nothing was sent, else the connection is closed. */
  fail(): void {
    const state = this.#state;
    this.#state = 'over';
    if (state === 'over') return;
    this.#core.guard(() => {
      if (state === 'begun') {
        this.#reply.drop();
        return;
      }
      const body = utf8('{"error":"general/internalError","message":"The emulator has a defect","info":""}');
      this.#reply.head(500, { 'Content-Type': 'application/json', 'Content-Length': String(body.length) });
      this.#reply.end(body);
    });
  }
}
