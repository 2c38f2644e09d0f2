// SPDX-License-Identifier: Apache-2.0
/** Tracks outages of devices and the recovery from them, by the platform's exchanges and the boards' reports. */

import type { LoggedRequest } from '../core/request-log.ts';
import type { Told } from '../messages.ts';

interface Outage {
  readonly sinceMs: number;
  failures: number;
  /** Time of the last failure of each request, by its label. */
  readonly failedMs: Map<string, number>;
  /** Number of waiting records, if the board reports it. */
  waiting: number;
  /** Time of the first answer after the outage; undefined: none yet. */
  backMs: number | undefined;
  /** Number of records that waited at that time. */
  due: number;
  /** Records that have arrived since then, and their requests. */
  arrived: number;
  requests: number;
}

export class Outages {
  readonly #byUser = new Map<string, Outage>();

  /** Time since the last failure of the same request; undefined: it did not fail. */
  retryAfterMs(user: string, label: string, nowMs: number): number | undefined {
    const failedMs = this.#byUser.get(user)?.failedMs.get(label);
    return failedMs && nowMs - failedMs;
  }

  /** Takes the number of waiting records from the board of this user. */
  noteWaiting(user: string, waiting: number): void {
    const outage = this.#byUser.get(user);
    if (outage !== undefined) outage.waiting = waiting;
  }

  /** Takes the end of an exchange; returns a sentence in addition to its own. @param records number of records in it */
  ended(
    entry: LoggedRequest,
    label: string,
    nowMs: number,
    retryAfterMs: number | undefined,
    records: number,
  ): Told | undefined {
    const { user, status = 0 } = entry;
    if (status === 0 || status === 429 || status >= 500) return this.#failed(entry, label, nowMs, retryAfterMs);
    const outage = this.#byUser.get(user);
    if (outage === undefined) return undefined;
    outage.failedMs.delete(label);
    if (outage.backMs === undefined) {
      outage.backMs = nowMs;
      outage.due = outage.waiting;
    }
    if (status < 300 && records > 0) {
      outage.arrived += records;
      outage.requests += 1;
    }
    if (outage.arrived < outage.due && nowMs - outage.backMs < patienceMs) return undefined;
    this.#byUser.delete(user);
    const sent =
      outage.arrived < 2
        ? `${counted(outage.failures, 'request')} had failed`
        : `${counted(outage.arrived, 'record')} sent in ${counted(outage.requests, 'request')}`;
    return told(`is back after ${seconds(outage.backMs - outage.sinceMs)}: ${sent}`, 'good');
  }

  #failed(entry: LoggedRequest, label: string, nowMs: number, retryAfterMs: number | undefined): Told {
    const { user, status = 0 } = entry;
    let outage = this.#byUser.get(user);
    if (outage === undefined) {
      outage = {
        sinceMs: nowMs,
        failures: 0,
        failedMs: new Map(),
        waiting: 0,
        backMs: undefined,
        due: 0,
        arrived: 0,
        requests: 0,
      };
      if (this.#byUser.size < mostUsers) this.#byUser.set(user, outage);
    }
    outage.failures += 1;
    outage.backMs = undefined;
    if (outage.failedMs.size < mostLabels) outage.failedMs.set(label, nowMs);
    const answer = status === 0 ? 'gets no answer' : `is answered ${status}`;
    const waiting = outage.waiting > 0 ? `; ${counted(outage.waiting, 'record')} waiting` : '';
    const tries = retryAfterMs === undefined ? '' : `tries again after ${seconds(retryAfterMs)}, `;
    return told(`${label}: ${tries}${answer}${waiting}`, 'bad');
  }
}

function told(text: string, mood: Told['mood']): Told {
  return { who: 'device', text, mood, more: [] };
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A duration, for example `0.4 s` or `32 s`. */
function seconds(ms: number): string {
  return `${ms < 9950 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}

/** Longest wait for the waiting records before the end of an outage is reported. */
const patienceMs = 30_000;
const mostUsers = 10_000;
const mostLabels = 100;
