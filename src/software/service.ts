// SPDX-License-Identifier: Apache-2.0

import type { Client } from '../base/client.ts';
import { Outcome } from '../base/outcome.ts';
import type { RequestLine } from '../base/request-line.ts';
import { retryMs } from '../base/trouble.ts';
import { ascii } from '../bytes/text.ts';
import type { AgentHost } from '../capability.ts';
import { Media } from '../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { writeJson } from '../json/write.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';

const PATH = /* @__PURE__ */ ascii('/service/advanced-software-mgmt/software?deviceId=');
const LOOK_MS = 5000;
const MOST_RETRY_AFTER_MS = 60_000;
/** Failures after which nobody waits any more. The list is sent later, after a pause that doubles up to ten hours. */
const MOST_FAILURES = 5;
const LATER_MS = 600_000;
const MOST_DOUBLINGS = 6;
const NO_BODY = { feed() {} };

/** The services of the agent that `SoftwareService` uses. */
export interface ServiceHost extends AgentHost {
  readonly uplink: AgentHost['uplink'] & { readonly requests: RequestLine };
}

/** A piece of software as the service has it. */
export interface ServiceEntry {
  readonly name: string;
  readonly version: string;
  readonly url?: string;
  readonly softwareType?: string;
}

/** The device whose software is reported. */
export interface ServiceSubject {
  /** Its kinds of software. */
  readonly types: readonly string[];
  /** Id of its object; empty before its registration. */
  readonly idBytes: Uint8Array;
  /** False: its software does not count any more; it was removed, or has another capability now. */
  readonly isWanted: boolean;
  /** All of its software, each name once. */
  list(): readonly ServiceEntry[];
  fragment(name: string, value: readonly string[]): void;
}

/**
 * Advanced software management: if the tenant has the service, it also gets the list of software, and the device
 * declares its types of software. Each start finds out once whether the tenant has it.
 */
export class SoftwareService implements Client, DeadlineOwner {
  following: Client | undefined;
  /** Each request has the whole list. */
  readonly once = false;
  readonly silenceMs = 0;
  readonly stateName = 'report the packages';
  readonly sink = NO_BODY;
  dueTicks = 0;
  readonly #host: ServiceHost;
  readonly #subject: ServiceSubject;
  readonly #deadline: Deadline;
  /** Undefined: unknown. */
  #isThere: boolean | undefined;
  #failures = 0;
  /** Number of delays in a row. */
  #rounds = 0;
  /** Callbacks that wait for the report, and how many of them the current request answers. */
  readonly #waiting: (() => void)[] = [];
  #covered = 0;

  constructor(host: ServiceHost, subject: ServiceSubject) {
    this.#host = host;
    this.#subject = subject;
    this.#deadline = host.timers.create(this);
    this.#deadline.start(0);
  }

  /** Sends the current list. @param onTold follows in any case: after the report, or when it is given up */
  tell(onTold: () => void): void {
    if (this.#isThere === false || !this.#subject.isWanted) {
      onTold();
      return;
    }
    this.#waiting.push(onTold);
    this.#failures = 0;
    this.#host.uplink.requests.submit(this);
  }

  /** Waits for the registration of the device, and sends the list. */
  onDeadline(): void {
    const { idBytes, isWanted } = this.#subject;
    if (!isWanted) return;
    if (idBytes.length === 0) this.#deadline.start(LOOK_MS);
    else {
      this.tell(() => {});
      // The tries are used up: one more, and a longer pause follows.
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

  /** When the platform refuses, it does not have the service. */
  wants(outcome: Outcome): boolean {
    if (outcome === Outcome.Failed) return this.#failures >= MOST_FAILURES;
    return outcome <= Outcome.Invalid && outcome !== Outcome.Denied;
  }

  write(request: RequestWriter): void {
    request.start(Method.Post).put(PATH).put(this.#subject.idBytes).headers(Media.Json, Media.Json);
    this.#covered = this.#waiting.length;
    const list = this.#subject.list().map(({ name, version, url = '', softwareType }) => ({
      name,
      version,
      ...(url !== '' && { url }),
      ...(softwareType !== undefined && { softwareType }),
    }));
    writeJson(request, list);
  }

  /** An empty 200 may come from anybody. */
  understand(_body: unknown, head: ResponseHead): boolean {
    return head.status === 201 || head.hasJson;
  }

  conclude(outcome: Outcome): void {
    const { hal } = this.#host;
    const isThere = outcome === Outcome.Ok;
    if (isThere && this.#isThere === undefined)
      this.#subject.fragment('c8y_SupportedSoftwareTypes', this.#subject.types);
    if (outcome === Outcome.Failed) {
      if (this.#rounds === 0)
        hal.log('warn', 'advanced software management does not answer: the list is in the inventory');
      this.#deadline.start(LATER_MS << Math.min(this.#rounds++, MOST_DOUBLINGS));
    } else {
      this.#isThere = isThere;
      this.#rounds = 0;
      this.#deadline.stop();
    }
    this.#failures = 0;
    this.dueTicks = 0;
    // Changes since the request was written are sent again.
    const count = isThere ? this.#covered : this.#waiting.length;
    const told = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#host.uplink.requests.submit(this);
    for (const onTold of told) onTold();
  }
}
