// SPDX-License-Identifier: Apache-2.0

import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import type { Base } from '../base/base.ts';

/** What has not shown itself to work within this, with a link, is given up. */
const TRIAL_MS = 1_800_000;
const LOOK_MS = 60_000;

/** What the trial of a firmware needs of the agent. */
interface TrialBase extends Pick<Base, 'hal' | 'timers'> {
  restart(reason: string): void;
}

/** There while a new firmware is on trial: until it listens for operations, so that it can be replaced from afar, too. */
export class Trial implements DeadlineOwner {
  readonly #agent: TrialBase;
  /** Without a link it has no chance. */
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
    else this.#agent.restart('the new firmware does not get as far as listening: the one before it comes back');
  }
}
