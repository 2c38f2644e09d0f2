// SPDX-License-Identifier: Apache-2.0
/** Breaks one resource of the platform until it is mended, and counts the requests to it. */

import type { World } from '../machine/world.ts';
import type { WireRequest } from '../wire/request-reader.ts';
import { LASTING_FAULTS, type LastingFault } from './faults.ts';
import type { Route } from './routes.ts';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** More requests per minute are a storm. */
const STORM_A_MINUTE = 300;
/** Time after the beginning in which many requests are normal. */
const EXCITED_MINUTES = 10;

export interface BreakageOptions {
  readonly world: World;
  readonly route: Route;
  /** A name of `LASTING_FAULTS`. */
  readonly fault: string;
  readonly idOf: (child: string) => string | undefined;
}

export class Breakage {
  /** Number of all requests in each minute since the world began. */
  readonly requests: number[] = [];
  /** Number of requests to the broken resource in each minute. */
  readonly met: number[] = [];
  readonly #options: BreakageOptions;
  readonly #fault: LastingFault;
  #isBroken = false;
  /** Minutes of restarts, after which many requests are normal again. */
  readonly #starts: number[] = [];
  #isFirstLost = false;
  #brokenMinute = 0;

  constructor(options: BreakageOptions) {
    this.#options = options;
    const { world, route, fault } = options;
    const make = LASTING_FAULTS[fault];
    if (make === undefined) throw new RangeError(`fault ${fault}: one of ${Object.keys(LASTING_FAULTS)} expected`);
    this.#fault = make(route.resource);
    world.onRequest = (request) => this.#request(request);
  }

  noteStart(): void {
    this.#starts.push(this.#minute);
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  set isBroken(yes: boolean) {
    this.#isBroken = yes;
    this.#brokenMinute = this.#minute;
  }

  get calmMinute(): number {
    return this.#brokenMinute + EXCITED_MINUTES;
  }

  get isStormy(): boolean {
    const minute = this.#minute;
    return minute > this.calmMinute && (this.requests[minute - 1] ?? 0) > STORM_A_MINUTE;
  }

  get #minute(): number {
    return Math.floor(this.#options.world.time.nowMs / MINUTE_MS);
  }

  /** Total number of requests to the broken resource. */
  get times(): number {
    return sum(this.met, 0, this.met.length);
  }

  /** The most requests in two consecutive minutes, outside of beginnings. */
  get mostInTwoMinutes(): number {
    let most = 0;
    for (let at = this.calmMinute; at + 2 <= this.#minute; at++) {
      const isStart = this.#starts.some((start) => at + 2 > start && at < start + EXCITED_MINUTES);
      if (!isStart) most = Math.max(most, sum(this.requests, at, at + 2));
    }
    return most;
  }

  /** Number of requests to the broken resource in this hour. */
  metInHour(hour: number): number {
    return sum(this.met, hour * HOUR_MINUTES, (hour + 1) * HOUR_MINUTES);
  }

  /** Counts a request; false: it is lost. */
  #request(request: WireRequest): boolean {
    const { world, route, idOf } = this.#options;
    const minute = this.#minute;
    this.requests[minute] = (this.requests[minute] ?? 0) + 1;
    if (!this.isBroken) return true;
    if (!this.#isFirstLost && route.after?.(request) === true) {
      this.#isFirstLost = true;
      world.platform.order({ kind: 'dropAfter' });
      return true;
    }
    if (!route.matches(request, idOf)) return true;
    this.met[minute] = (this.met[minute] ?? 0) + 1;
    if (this.#fault === 'silence') return false;
    for (const misbehaviour of this.#fault) world.platform.order(misbehaviour);
    return true;
  }
}

/** Adds up counts; missing entries count as 0. */
function sum(counts: readonly number[], from: number, to: number): number {
  let all = 0;
  for (let at = from; at < to; at++) all += counts[at] ?? 0;
  return all;
}
