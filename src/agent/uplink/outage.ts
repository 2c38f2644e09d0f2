// SPDX-License-Identifier: Apache-2.0

import { ANSWERED } from '../../base/request-line.ts';
import { Failure } from '../../http/failure.ts';
import { offered } from '../../offered.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import { type Escalation, type OutageBase, RESTARTED } from './escalation.ts';

/** The shortest time between two resets of the link, and from a start to a reset of link or machine. */
const LEAST_MS = 900_000;
/** The least uptime before a restart that loses records in RAM, did not help last time, or happens without a link. */
const SELDOM_MS = 86_400_000;
/** Failures that prove an answer: the link works, and the fault is behind it. */
const ANSWERS: readonly number[] = [
  ...[ANSWERED, Failure.Refused, Failure.Reset, Failure.Malformed, Failure.Encoded, Failure.Redirected],
  ...[Failure.TlsUntrusted, Failure.TlsName, Failure.TlsAlert],
];

/**
 * An outage; exists while no exchange succeeds. After `progressTimeout` it makes new connections. If another
 * `progressTimeout` passes without any answer, it resets the link; after one more it restarts the machine. Any answer,
 * even a refusal, proves that the link works. A certificate refused for its dates may mean a wrong clock, which a
 * restart clears.
 */
export class Outage implements Escalation, DeadlineOwner {
  readonly #agent: OutageBase;
  readonly #deadline: Deadline;
  #isFresh = false;
  #hasAnswer = false;
  #isOutOfMemory = false;
  /** Whether a certificate was refused for its dates: the clock may be wrong, and a restart clears it. */
  #isDateRefused = false;
  #hasReset = false;
  #resetTicks = -Infinity;

  constructor(agent: OutageBase) {
    this.#agent = agent;
    this.#deadline = agent.timers.create(this);
    this.wait();
  }

  stop(): void {
    this.#deadline.stop();
  }

  /** A request has failed. @param failure one of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void {
    if (failure === Failure.NoMemory) this.#isOutOfMemory = true;
    else if (failure === Failure.TlsDate) this.#isDateRefused = true;
    else if (ANSWERS.includes(failure)) this.#hasAnswer = true;
  }

  onDeadline(): void {
    const { hal } = this.#agent;
    if (this.#hasAnswer || (hal.network.up && !this.#isFresh)) this.reconnect();
    else if (this.#isDateRefused) this.restart('certificates are refused for their dates: the clock may be wrong');
    else if (this.#isOutOfMemory || this.#hasReset) this.restart('no answer for long, nor after the link was reset');
    else this.resetLink();
    this.#hasAnswer = false;
    this.#isOutOfMemory = false;
    this.#isDateRefused = false;
    this.wait();
  }

  /** Waits `progressTimeout`, or up to a quarter longer, so that a fleet does not return together. */
  private wait(): void {
    const { config, hal } = this.#agent;
    this.#deadline.start(Math.round(config.progressTimeoutMs * (1 + hal.random() / 4)));
  }

  private reconnect(): void {
    this.#isFresh = true;
    this.#hasReset = false;
    this.#agent.hal.log('warn', 'no exchange has succeeded for long: new connections');
    this.#agent.uplink.reconnect();
  }

  private resetLink(): void {
    const { hal, upMs } = this.#agent;
    // A start of the machine resets the link, too.
    if (upMs < LEAST_MS || hal.clock.ticks() - this.#resetTicks < LEAST_MS) return;
    hal.log('warn', 'no answer for long: the link is reset');
    this.#resetTicks = hal.clock.ticks();
    this.#hasReset = true;
    hal.network.reset();
  }

  private restart(reason: string): void {
    const agent = this.#agent;
    const { hal } = agent;
    const isKept = hal.flash !== undefined && offered(agent.parts, 'flashQueue') !== undefined;
    const isSeldom = !isKept || !hal.network.up || agent.recall(RESTARTED) !== undefined;
    this.#hasReset = false;
    if (agent.upMs < (isSeldom ? SELDOM_MS : LEAST_MS)) return;
    agent.remember(RESTARTED, String(hal.board.bootCount));
    agent.restart(reason);
  }
}
