// SPDX-License-Identifier: Apache-2.0

import type { Base } from '../../base/base.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';

const LOOK_MS = 1000;

/** The services of the agent that a restart uses. */
interface RestartBase extends Pick<Base, 'hal' | 'timers'> {
  /** Stops the agent in order, then calls `onStopped`. */
  stop(onStopped: () => void): void;
}

/** A requested restart: after the present event it stops the agent in order, then restarts the machine. */
export class Restart implements DeadlineOwner {
  readonly #agent: RestartBase;
  readonly #reason: string;
  readonly #deadline: Deadline;

  constructor(agent: RestartBase, reason: string) {
    this.#agent = agent;
    this.#reason = reason;
    this.#deadline = agent.timers.create(this);
    this.#deadline.start(0);
  }

  stop(): void {
    this.#deadline.stop();
  }

  onDeadline(deadline: Deadline): void {
    const { hal } = this.#agent;
    // A restart would give up a firmware on trial. With a link the trial ends soon.
    if (hal.firmware?.onTrial === true && hal.network.up) deadline.start(LOOK_MS);
    else this.#agent.stop(() => hal.restart(this.#reason));
  }
}
