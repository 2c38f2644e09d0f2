// SPDX-License-Identifier: Apache-2.0
/** Who gets no answers, since when, and what becomes of it: told from what the platform sees. */

import type { LoggedRequest } from '../core/request-log.ts';
import type { Told } from './messages.ts';

interface Failure {
  readonly endedMs: number;
}

interface Outage {
  readonly sinceMs: number;
  failures: number;
  readonly byLabel: Map<string, Failure>;
}

export class Outages {
  readonly #byUser = new Map<string, Outage>();

  /** How long ago the same thing failed; undefined: it did not. */
  retryAfterMs(user: string, label: string, nowMs: number): number | undefined {
    const failure = this.#byUser.get(user)?.byLabel.get(label);
    return failure && nowMs - failure.endedMs;
  }

  /** An exchange has come to its end; returns what is to be said of it besides its own sentence. */
  ended(entry: LoggedRequest, label: string, nowMs: number, retryAfterMs: number | undefined): Told | undefined {
    const { user, status = 0 } = entry;
    if (status === 0 || status === 429 || status >= 500) return this.#failed(entry, label, nowMs, retryAfterMs);
    const outage = this.#byUser.get(user);
    if (outage === undefined) return undefined;
    this.#byUser.delete(user);
    const tries = outage.failures === 1 ? '1 request' : `${outage.failures} requests`;
    return told(`is back after ${seconds(nowMs - outage.sinceMs)}: ${tries} had failed`, 'good');
  }

  #failed(entry: LoggedRequest, label: string, nowMs: number, retryAfterMs: number | undefined): Told {
    const { user, status = 0 } = entry;
    let outage = this.#byUser.get(user);
    if (outage === undefined) {
      outage = { sinceMs: nowMs, failures: 0, byLabel: new Map() };
      if (this.#byUser.size < mostUsers) this.#byUser.set(user, outage);
    }
    outage.failures += 1;
    if (outage.byLabel.size < mostLabels) outage.byLabel.set(label, { endedMs: nowMs });
    const answer = status === 0 ? 'gets no answer' : `is answered ${status}`;
    if (retryAfterMs === undefined) return told(`${label}: ${answer}`, 'bad');
    return told(`${label}: tries again after ${seconds(retryAfterMs)}, ${answer}`, 'bad');
  }
}

function told(text: string, mood: Told['mood']): Told {
  return { who: 'device', text, mood, more: [] };
}

/** As `0.4 s` or `32 s`. */
function seconds(ms: number): string {
  return `${ms < 9950 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}

const mostUsers = 10_000;
const mostLabels = 100;
