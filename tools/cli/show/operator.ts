// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../../platform/model.ts';

export interface OperatorOptions {
  /** Root URL of the platform. */
  readonly url: string;
  /** `tenant/user:password`. */
  readonly login: string;
  /** Called when the board is to be warmed, which only a person near the board could do. */
  onWarm(): void;
  /** Called when an operation could not be sent. */
  onError(error: Error): void;
}

/**
 * The acts of the show. Each follows the one before, or the first long poll, after `afterS`. Each shows something new.
 */
const ACTS: readonly { readonly afterS: number; readonly operation: JsonObject | 'warm' }[] = [
  { afterS: 8, operation: { c8y_Command: { text: 'status' } } },
  { afterS: 12, operation: { c8y_Configuration: { config: 'measurementInterval=3\n' } } },
  { afterS: 12, operation: { c8y_Restart: {} } },
  { afterS: 15, operation: 'warm' },
  { afterS: 60, operation: { c8y_Command: { text: 'make coffee' } } },
  { afterS: 12, operation: { c8y_Configuration: { config: 'measurementInterval=5\n' } } },
  { afterS: 12, operation: { c8y_MeasurementRequestOperation: { requestName: 'LOG' } } },
];

/** Repeats the typical acts of an operator, over HTTP. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #aborted = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** Sends operations to this managed object from now on. */
  start(deviceId: string): void {
    this.#next(deviceId, 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#aborted.abort();
  }

  #next(deviceId: string, index: number): void {
    const act = ACTS[index % ACTS.length];
    if (act === undefined) return;
    this.#timer = setTimeout(() => {
      this.#next(deviceId, index + 1);
      if (act.operation === 'warm') this.#options.onWarm();
      else void this.#send({ deviceId, ...act.operation });
    }, act.afterS * 1000);
  }

  /** Sends an operation. The platform reports its progress, as for any request. */
  async #send(operation: JsonObject): Promise<void> {
    const { url, login, onError } = this.#options;
    try {
      const answer = await fetch(`${url}/devicecontrol/operations`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(operation),
        signal: this.#aborted.signal,
      });
      await answer.arrayBuffer();
    } catch (error) {
      if (!this.#aborted.signal.aborted) onError(error as Error);
    }
  }
}
