// SPDX-License-Identifier: Apache-2.0

import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import type { Base } from '../base/base.ts';

/** What a restart needs of the agent. */
interface RestartBase extends Pick<Base, 'hal' | 'timers'> {
  /** Ends in order. */
  stop(onStopped: () => void): void;
}

/** A restart that was asked for: in order, and not before the present event is over. */
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

  onDeadline(): void {
    const { hal } = this.#agent;
    this.#agent.stop(() => hal.restart(this.#reason));
  }
}
