// SPDX-License-Identifier: Apache-2.0
/** The innermost reply: knows whether the answer arrived, and records a lost one in the ledger. */

import type { Core } from '../core/core.ts';
import type { LoggedRequest } from '../core/request-log.ts';
import type { Reply } from '../model.ts';

export class TrackedReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #core: Core;
  readonly #entry: LoggedRequest;
  readonly #reply: Reply;
  #isDone = false;

  constructor(options: { core: Core; entry: LoggedRequest; reply: Reply }) {
    this.#core = options.core;
    this.#entry = options.entry;
    this.#reply = options.reply;
    this.#reply.onClose = () => {
      this.#lose();
      this.#core.witness?.ended(this.#entry, 'left');
      this.onClose?.();
    };
  }

  /** Whether the answer is complete or cut. */
  get isDone(): boolean {
    return this.#isDone;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#isDone) return;
    this.#entry.status = status;
    this.#entry.answered(headers);
    this.#reply.head(status, headers);
  }

  write(bytes: Uint8Array): void {
    if (this.#isDone) return;
    this.#entry.wrote(bytes);
    this.#reply.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (bytes !== undefined) this.#entry.wrote(bytes);
    this.#reply.end(bytes);
    this.#core.witness?.ended(this.#entry, 'answered');
    this.#core.onRequest?.(this.#entry);
  }

  drop(): void {
    if (this.#isDone) return;
    this.#lose();
    this.#reply.drop();
    this.#core.witness?.ended(this.#entry, 'cut');
    this.#core.onRequest?.(this.#entry);
  }

  #lose(): void {
    this.#isDone = true;
    this.#entry.status = 0;
    this.#core.ledger.lose(this.#entry.number, this.#entry.user, this.#entry.path);
  }
}
