// SPDX-License-Identifier: Apache-2.0

import type { Alarm, AlarmOwner } from '../../http/timers.ts';
import type { Base } from '../base/base.ts';

/** What a restart needs of the agent. */
interface RestartBase extends Pick<Base, 'hal' | 'timers'> {
  /** Ends in order. */
  stop(onStopped: () => void): void;
}

/** A restart that was asked for: in order, and not before the present event is over. */
export class Restart implements AlarmOwner {
  readonly #agent: RestartBase;
  readonly #reason: string;
  readonly #alarm: Alarm;

  constructor(agent: RestartBase, reason: string) {
    this.#agent = agent;
    this.#reason = reason;
    this.#alarm = agent.timers.create(this);
    this.#alarm.start(0);
  }

  stop(): void {
    this.#alarm.stop();
  }

  onAlarm(): void {
    const { hal } = this.#agent;
    this.#agent.stop(() => hal.restart(this.#reason));
  }
}
