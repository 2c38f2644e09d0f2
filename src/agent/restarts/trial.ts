// SPDX-License-Identifier: Apache-2.0

import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import type { Base } from '../base/base.ts';

/** A firmware that has not proved itself after this time with a link is given up. */
const TRIAL_MS = 1_800_000;
const LOOK_MS = 60_000;

/** The services of the agent that the trial of a firmware uses. */
interface TrialBase extends Pick<Base, 'hal' | 'timers'> {
  restart(reason: string): void;
}

/** The trial of a new firmware. It ends when the agent listens for operations, so that a next update is possible. */
export class Trial implements DeadlineOwner {
  readonly #agent: TrialBase;
  /** Time with a link. Only this counts, because a firmware cannot prove itself without a link. */
  #linkMs = 0;

  constructor(agent: TrialBase) {
    this.#agent = agent;
    agent.timers.create(this).start(LOOK_MS);
  }

  onDeadline(deadline: Deadline): void {
    const { firmware, network } = this.#agent.hal;
    if (firmware?.onTrial !== true) return;
    if (network.up) this.#linkMs += LOOK_MS;
    if (this.#linkMs < TRIAL_MS) deadline.start(LOOK_MS);
    else this.#agent.restart('the new firmware does not listen in time: back to the former one');
  }
}
