// SPDX-License-Identifier: Apache-2.0

import type { Client } from '../agent/base/client.ts';
import { Outcome } from '../agent/base/outcome.ts';
import type { RequestLine } from '../agent/base/request-line.ts';
import { retryMs } from '../agent/base/trouble.ts';
import { ascii } from '../bytes/text.ts';
import { recallPackages, type SoftwareHost, softwareList, TYPE } from '../capabilities/software-packages.ts';
import { Media } from '../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { writeJson } from '../json/write.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';

const PATH = /* @__PURE__ */ ascii('/service/advanced-software-mgmt/software?deviceId=');
const LOOK_MS = 5000;
const MOST_RETRY_AFTER_MS = 60_000;
/** Then nobody waits for it any more. It is told later, after a pause that doubles up to ten hours. */
const MOST_FAILURES = 5;
const LATER_MS = 600_000;
const MOST_DOUBLINGS = 6;
const NO_BODY = { feed() {} };

/** What it needs of the agent besides. */
export interface ServiceHost extends SoftwareHost {
  readonly uplink: SoftwareHost['uplink'] & { readonly requests: RequestLine };
}

/**
 * Advanced software management: where the tenant has the service for it, what is installed is told there, too, and the types of software
 * are declared. Whether it has is found out once for each start.
 */
export class SoftwareService implements Client, DeadlineOwner {
  following: Client | undefined = undefined;
  /** All of the list each time. */
  readonly once = false;
  readonly silenceMs = 0;
  readonly stateName = 'tell what is installed';
  readonly sink = NO_BODY;
  dueTicks = 0;
  readonly #host: ServiceHost;
  readonly #deadline: Deadline;
  /** Undefined: nobody knows yet. */
  #isThere: boolean | undefined = undefined;
  #failures = 0;
  /** How often in a row it was put off. */
  #rounds = 0;
  /** Who waits until it has been told, and how many of them the request under way is for. */
  readonly #waiting: (() => void)[] = [];
  #covered = 0;

  constructor(host: ServiceHost) {
    this.#host = host;
    this.#deadline = host.timers.create(this);
    this.#deadline.start(0);
  }

  /** Tells the list as it is now. @param onTold follows in any case: told, or given up */
  tell(onTold: () => void): void {
    if (this.#isThere === false) {
      onTold();
      return;
    }
    this.#waiting.push(onTold);
    this.#failures = 0;
    this.#host.uplink.requests.submit(this);
  }

  /** Until the device is registered. */
  onDeadline(): void {
    if (this.#host.board.idBytes.length === 0) this.#deadline.start(LOOK_MS);
    else {
      this.tell(() => {});
      // It had its tries: one more, and the pause is longer.
      if (this.#rounds > 0) this.#failures = MOST_FAILURES - 1;
    }
  }

  // Client

  get isRetry(): boolean {
    return this.#failures > 0;
  }

  fail(_what: string, _reason: string, retryAfterMs: number): void {
    const { hal } = this.#host;
    this.#failures++;
    const waitMs = retryMs(this.#failures, hal.random(), retryAfterMs, MOST_RETRY_AFTER_MS);
    this.dueTicks = hal.clock.ticks() + waitMs;
  }

  /** What the platform refuses is not there. */
  wants(outcome: Outcome): boolean {
    if (outcome === Outcome.Failed) return this.#failures >= MOST_FAILURES;
    return outcome <= Outcome.Invalid && outcome !== Outcome.Denied;
  }

  write(request: RequestWriter): void {
    const { board } = this.#host;
    request.start(Method.Post).put(PATH).put(board.idBytes).headers(Media.Json, Media.Json);
    this.#covered = this.#waiting.length;
    const packages = recallPackages(this.#host);
    const isMod = (name: string, version: string) =>
      packages.some((each) => each.name === name && each.version === version) || name === TYPE;
    const list = softwareList(this.#host).map(({ name, version, url }) => ({
      name,
      version,
      ...(url !== '' && { url }),
      ...(isMod(name, version) && { softwareType: TYPE }),
    }));
    writeJson(request, list);
  }

  /** An empty 200 may be anybody's. */
  understand(_body: unknown, head: ResponseHead): boolean {
    return head.status === 201 || head.hasJson;
  }

  conclude(outcome: Outcome): void {
    const { board, hal } = this.#host;
    const isThere = outcome === Outcome.Ok;
    if (isThere && this.#isThere === undefined) board.fragment('c8y_SupportedSoftwareTypes', [TYPE]);
    if (outcome === Outcome.Failed) {
      if (this.#rounds === 0)
        hal.log('warn', 'advanced software management does not answer: told in the inventory, and there later');
      this.#deadline.start(LATER_MS << Math.min(this.#rounds++, MOST_DOUBLINGS));
    } else {
      this.#isThere = isThere;
      this.#rounds = 0;
      this.#deadline.stop();
    }
    this.#failures = 0;
    this.dueTicks = 0;
    // What has changed since it was written out is told again.
    const count = isThere ? this.#covered : this.#waiting.length;
    const told = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#host.uplink.requests.submit(this);
    for (const onTold of told) onTold();
  }
}
