// SPDX-License-Identifier: Apache-2.0

import type { NetworkAccess, WifiNetwork } from '../../hal/hal.ts';
import type { Client } from '../base/client.ts';
import { Outcome } from '../base/outcome.ts';
import type { RequestLine } from '../base/request-line.ts';
import { retryMs } from '../base/trouble.ts';
import type { AgentHost } from '../capability.ts';
import { Media, Path } from '../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';

const EXAMINE_MS = 1000;
/** After this many refusals more tries do not help: the radio waits longer after each. */
const MOST_REFUSALS = 5;
const MOST_RETRY_AFTER_MS = 60_000;
const NOT_JOINED = 'it is out of reach, or the password is wrong';
const SLASH = 0x2f;
const NO_BODY = { feed() {} };

/** The services of the agent that the trial uses. */
export interface TrialHost extends AgentHost {
  readonly uplink: AgentHost['uplink'] & { readonly requests: RequestLine };
}

export interface NetworkTrialOptions {
  readonly access: NetworkAccess;
  readonly wanted: WifiNetwork;
  /** Longest time until the platform has answered. */
  readonly trialMs: number;
  /** @param reason undefined: the network is kept; otherwise the one before comes back */
  onEnd(reason: string | undefined): void;
}

/**
 * A network on trial: joined in RAM, and kept once the platform has answered over it. The answer belongs to a request
 * made after the link was up again, and is recognisably the platform's: a portal speaks HTTP, too.
 */
export class NetworkTrial implements Client, DeadlineOwner {
  following: Client | undefined;
  readonly once = false;
  readonly silenceMs = 0;
  readonly stateName = 'reach the platform over the new network';
  readonly sink = NO_BODY;
  dueTicks = 0;
  readonly #host: TrialHost;
  readonly #options: NetworkTrialOptions;
  readonly #deadline: Deadline;
  /** Undefined: the trial has not begun. */
  #endTicks: number | undefined;
  #isProven = false;
  #failures = 0;
  /** Why the latest answer proves nothing; empty: there was none. */
  #refusal = '';
  /** The best state reached so far. */
  #wasJoined = false;
  #wasAddressed = false;

  constructor(host: TrialHost, options: NetworkTrialOptions) {
    this.#host = host;
    this.#options = options;
    this.#deadline = host.timers.create(this);
  }

  /** Begins in an event of its own: the current event may be an answer that comes over the link. */
  start(): void {
    this.#deadline.start(0);
  }

  /** Ends the trial without calling `onEnd`. */
  stop(): void {
    this.#deadline.stop();
    this.#host.uplink.requests.withdraw(this);
    this.#options.access.rollBack();
  }

  onDeadline(): void {
    const { access, wanted, trialMs } = this.#options;
    const ticks = this.#host.hal.clock.ticks();
    if (this.#endTicks === undefined) {
      this.#endTicks = ticks + trialMs;
      access.join(wanted);
    } else if (this.#isProven) {
      this.end();
      return;
    } else if (ticks >= this.#endTicks) {
      this.giveUp(this.reason());
      return;
    } else if (!this.#wasJoined && access.refusals >= MOST_REFUSALS) {
      this.giveUp(`${JSON.stringify(wanted.name)} was not joined in ${access.refusals} attempts: ${NOT_JOINED}`);
      return;
    } else this.examine();
    this.#deadline.start(EXAMINE_MS);
  }

  private examine(): void {
    const { status } = this.#options.access;
    if (status !== 'searching') this.#wasJoined = true;
    if (status === 'addressed') this.#wasAddressed = true;
    // A client that is in line already keeps its place.
    if (this.isThere) this.#host.uplink.requests.submit(this);
  }

  private end(): void {
    const { access, wanted, onEnd } = this.#options;
    if (access.confirm()) onEnd(undefined);
    else this.giveUp(`the flash refuses to keep ${JSON.stringify(wanted.name)}`);
  }

  private get isThere(): boolean {
    const { access, wanted } = this.#options;
    return this.#host.hal.network.up && access.name === wanted.name;
  }

  private giveUp(reason: string): void {
    this.stop();
    this.#options.onEnd(reason);
  }

  private reason(): string {
    const { wanted, trialMs } = this.#options;
    const name = JSON.stringify(wanted.name);
    const within = `within ${trialMs / 1000} s`;
    if (!this.#wasJoined) return `${name} was not joined ${within}: ${NOT_JOINED}`;
    if (!this.#wasAddressed) return `${name} has given the device no address ${within}`;
    const { reason } = this.#host.uplink.requests;
    const why = this.isThere ? reason || this.#refusal || 'no answer' : 'its link is down again';
    return `the platform was not reached over ${name} ${within}: ${why}`;
  }

  // Client

  get isRetry(): boolean {
    return this.#failures > 0;
  }

  fail(_what: string, reason: string, retryAfterMs: number): void {
    const { hal } = this.#host;
    this.#refusal = reason;
    this.#failures++;
    const waitMs = retryMs(this.#failures, hal.random(), retryAfterMs, MOST_RETRY_AFTER_MS);
    this.dueTicks = hal.clock.ticks() + waitMs;
  }

  /** A refusal is an answer of the platform, too. */
  wants(outcome: Outcome): boolean {
    return outcome >= Outcome.Forbidden && outcome <= Outcome.Invalid;
  }

  write(request: RequestWriter): void {
    request.start(Method.Get).put(Path.ManagedObjects).byte(SLASH).put(this.#host.board.idBytes);
    request.headers(undefined, Media.ManagedObject);
  }

  understand(_body: unknown, head: ResponseHead): boolean {
    return head.isCumulocity;
  }

  conclude(): void {
    if (!this.isThere) return;
    this.#isProven = true;
    this.#deadline.start(0);
  }
}
