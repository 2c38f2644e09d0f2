// SPDX-License-Identifier: Apache-2.0

import type { Alarm, AlarmOwner } from '../http/timers.ts';
import type { Agent } from './agent.ts';

/** A restart that was asked for: in order, and not before the present event is over. */
export class Restart implements AlarmOwner {
  readonly #agent: Agent;
  readonly #reason: string;
  readonly #alarm: Alarm;

  constructor(agent: Agent, reason: string) {
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
