// SPDX-License-Identifier: Apache-2.0

import type { Base } from '../../base/base.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';

/** A firmware that has not proved itself after this time with a link is given up. */
const TRIAL_MS = 1_800_000;
const LOOK_MS = 1000;
const GIVEN_UP = 'the new firmware does not listen in time: back to the former one';

/** The services of the agent that the trial of a firmware uses. */
interface TrialBase extends Pick<Base, 'hal' | 'timers'> {
  /** Whether the agent runs without the app, which has crashed too often. */
  readonly isSafe: boolean;
  readonly backlog: {
    /** Whether the long poll works, and the lists of operations that were due have arrived. */
    readonly isHealthy: boolean;
  };
  stop(onStopped: () => void): void;
}

/**
 * The trial of a new firmware. It passes with its app once it can be replaced remotely: the long poll was answered, and
 * the operations were listed. Everything before that (credentials, registration) has worked then.
 */
export class Trial implements DeadlineOwner {
  readonly #agent: TrialBase;
  /** Time with a link. Only this counts, because a firmware cannot prove itself without a link. */
  #linkMs = 0;

  constructor(agent: TrialBase) {
    this.#agent = agent;
    agent.timers.create(this).start(LOOK_MS);
  }

  onDeadline(deadline: Deadline): void {
    const { hal, isSafe, backlog } = this.#agent;
    if (backlog.isHealthy && !isSafe && hal.firmware?.confirm() === true) {
      hal.log('info', 'the new firmware is kept');
      return;
    }
    if (hal.network.up) this.#linkMs += LOOK_MS;
    if (this.#linkMs < TRIAL_MS) deadline.start(LOOK_MS);
    else this.#agent.stop(() => hal.restart(GIVEN_UP));
  }
}
