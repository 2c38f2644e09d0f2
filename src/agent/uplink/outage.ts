// SPDX-License-Identifier: Apache-2.0

import { Failure } from '../../http/failure.ts';
import { offered } from '../../offered.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import { ANSWERED } from '../base/request-line.ts';
import { type Escalation, type OutageBase, RESTARTED } from './escalation.ts';

/** Neither the link nor the machine is reset more often. */
const LEAST_MS = 900_000;
/** The machine restarts only after so long when that loses records in RAM, did not help last time, or there is no link. */
const SELDOM_MS = 86_400_000;
/** Somebody was there: the link works, and what is wrong is further on. */
const ANSWERS: readonly number[] = [
  ...[ANSWERED, Failure.Refused, Failure.Reset, Failure.Malformed, Failure.Encoded, Failure.Redirected],
  ...[Failure.TlsUntrusted, Failure.TlsName, Failure.TlsAlert],
];

/**
 * There while no exchange succeeds. After `progressTimeout` new connections are made; if after another one nobody has
 * answered anything meanwhile, the link is reset; then the machine restarts. Whoever has answered, be it with a
 * refusal, shows that the link is innocent. A certificate that is refused for its dates may be the clock's fault, which
 * a restart forgets.
 */
export class Outage implements Escalation, DeadlineOwner {
  readonly #agent: OutageBase;
  readonly #deadline: Deadline;
  #isFresh = false;
  #hasAnswer = false;
  #isOutOfMemory = false;
  /** The time may be what is wrong, and a restart forgets it. */
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

  /** A request has failed. @param failure out of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void {
    if (failure === Failure.NoMemory) this.#isOutOfMemory = true;
    else if (failure === Failure.TlsDate) this.#isDateRefused = true;
    else if (ANSWERS.includes(failure)) this.#hasAnswer = true;
  }

  onDeadline(): void {
    const { hal } = this.#agent;
    if (this.#hasAnswer || (hal.network.up && !this.#isFresh)) this.reconnect();
    else if (this.#isDateRefused) this.restart('certificates are refused for their dates: the clock may be wrong');
    else if (this.#isOutOfMemory || this.#hasReset)
      this.restart('nobody has answered for long, nor after the link was reset');
    else this.resetLink();
    this.#hasAnswer = false;
    this.#isOutOfMemory = false;
    this.#isDateRefused = false;
    this.wait();
  }

  /** Up to a quarter longer, so that a fleet that lost the platform together does not come back as one. */
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
    // A start resets it, too.
    if (upMs < LEAST_MS || hal.clock.ticks() - this.#resetTicks < LEAST_MS) return;
    hal.log('warn', 'nobody has answered for long: the link is taken down and up again');
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
