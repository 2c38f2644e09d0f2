// SPDX-License-Identifier: Apache-2.0

import type { AppDevice } from '../api.ts';
import { Outcome } from '../base/outcome.ts';
import { retryMs } from '../base/trouble.ts';
import {
  type CoreClient,
  type CoreDeadline,
  type CoreDevice,
  type CoreRequest,
  type CoreSink,
  coreDeviceOf,
} from '../core.ts';

/** Pause between checks whether the device is registered. */
const LOOK_MS = 5000;
const MOST_RETRY_AFTER_MS = 3_600_000;

/**
 * A request of a part to the platform about one device: sent after its registration, in turn with the agent's own
 * requests, and repeated after a pause until there is an answer.
 */
export abstract class Asking implements CoreClient {
  following: CoreClient | undefined;
  dueTicks = 0;
  protected readonly device: CoreDevice;
  #deadline: CoreDeadline | undefined;
  /** The request waits for the deadline. */
  #isPaused = false;
  #failures = 0;

  constructor(device: AppDevice) {
    this.device = coreDeviceOf(device);
  }

  abstract readonly stateName: string;
  abstract readonly sink: CoreSink | undefined;
  abstract write(request: CoreRequest): void;
  /** False: the answer is not the platform's. */
  abstract understand(): boolean;
  abstract rewind(): void;
  /** Receives the end: Ok, or one of the refusals of `Outcome`. A removed child is NotFound. */
  protected abstract onOutcome(outcome: number): void;

  /** Sends the request, unless it is under way already, or a pause before it is not over. */
  protected ask(): void {
    const { agent, gone, registered } = this.device;
    if (agent.stopped || this.#isPaused) return;
    if (registered) agent.uplink.requests.submit(this);
    else this.askAfter(gone ? 0 : LOOK_MS);
  }

  protected askAfter(delayMs: number): void {
    this.#deadline ??= this.device.agent.timers.create(this);
    this.#deadline.start(delayMs);
    this.#isPaused = true;
  }

  onDeadline(): void {
    this.#isPaused = false;
    if (this.device.gone) this.onOutcome(Outcome.NotFound);
    else this.ask();
  }

  // CoreClient

  get once(): boolean {
    return false;
  }

  get silenceMs(): number {
    return 0;
  }

  get isRetry(): boolean {
    return this.#failures > 0;
  }

  fail(what: string, reason: string, retryAfterMs: number): void {
    const { hal } = this.device.agent;
    this.#failures++;
    if (this.#failures === 1) hal.log('warn', `${what}: ${reason}`);
    const waitMs = retryMs(this.#failures, hal.random(), retryAfterMs, MOST_RETRY_AFTER_MS);
    this.dueTicks = hal.clock.ticks() + waitMs;
  }

  wants(outcome: number): boolean {
    return outcome >= Outcome.Forbidden && outcome <= Outcome.Invalid;
  }

  conclude(outcome: number): void {
    this.#failures = 0;
    this.dueTicks = 0;
    this.onOutcome(outcome);
  }
}
