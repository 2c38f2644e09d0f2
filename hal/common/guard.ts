// SPDX-License-Identifier: Apache-2.0

import type { NetworkErrorKind, StreamHandler } from '../hal.ts';

/** Takes an exception of a callback of the program, which ends this start. */
export type OnThrown = (error: unknown) => void;

/** Passes the events of a stream on; an exception of the program goes no further. */
export class GuardedHandler implements StreamHandler {
  readonly #handler: StreamHandler;
  readonly #onThrown: OnThrown;

  constructor(handler: StreamHandler, onThrown: OnThrown) {
    this.#handler = handler;
    this.#onThrown = onThrown;
  }

  onOpen(): void {
    try {
      this.#handler.onOpen();
    } catch (error) {
      this.#onThrown(error);
    }
  }

  onReadable(count: number): void {
    try {
      this.#handler.onReadable(count);
    } catch (error) {
      this.#onThrown(error);
    }
  }

  onWritable(count: number): void {
    try {
      this.#handler.onWritable(count);
    } catch (error) {
      this.#onThrown(error);
    }
  }

  onEnd(): void {
    try {
      this.#handler.onEnd();
    } catch (error) {
      this.#onThrown(error);
    }
  }

  onError(kind: NetworkErrorKind, detail: string): void {
    try {
      this.#handler.onError(kind, detail);
    } catch (error) {
      this.#onThrown(error);
    }
  }
}

/** The exception, for the log. */
export function thrownText(error: unknown): string {
  return `a callback has thrown: ${error instanceof Error ? `${error.name}: ${error.message}` : 'not an Error'}`;
}
