// SPDX-License-Identifier: Apache-2.0

import type { AppBoard } from '../../api.ts';
import type { AgentHost } from '../../capability.ts';
import type { EventFollower } from '../../timers/event-scope.ts';
import type { ServiceDefinition } from './service.ts';

const TYPE = 'agent';
/** A long poll that is not open for so long does not work: a new session takes a few seconds. */
const DEAF_MS = 300_000;
/** Records that wait for so long, or for two intervals of sending, are not accepted. */
const STUCK_MS = 600_000;
const RESTART_MS = 30_000;

/** The agent, as far as its activities are watched. */
interface WatchedAgent extends AgentHost {
  readonly board: AgentHost['board'] & { readonly lastSignTicks: number };
  readonly isListening: boolean;
  readonly runtime: { readonly sendInterval: number };
  readonly listener: { retime(): void };
  readonly telemetry: { readonly waiting: number; retryRefused(): void };
  /** `hurry` ends the pauses of all troubles. */
  readonly troubles: AgentHost['troubles'] & { hurry(): void };
  readonly uplink: AgentHost['uplink'] & { readonly poll: { readonly isParked: boolean } };
}

/**
 * Two activities of the agent as services, for the list that `services` takes: `operations` is the long poll, and
 * `records` sends the measurements and events. They are `down` when the device is there and they do not work, for
 * example because a proxy breaks long polls, or the platform refuses the records. RESTART begins a new session, or
 * tries the records again at once, and ends when that works. Neither can be stopped: operators could not start it again.
 */
export function agentServices(board: AppBoard): readonly ServiceDefinition[] {
  const { agent } = board as unknown as { readonly agent: WatchedAgent };
  const watch = new Watch(agent);
  return [
    {
      name: 'operations',
      type: TYPE,
      commands: ['RESTART'],
      status: () => (watch.isDeaf ? 'down' : 'up'),
      onCommand() {
        agent.listener.retime();
        return watch.poll.untilWell(agent);
      },
    },
    {
      name: 'records',
      type: TYPE,
      commands: ['RESTART'],
      status: () => (watch.isStuck ? 'down' : 'up'),
      onCommand() {
        agent.telemetry.retryRefused();
        agent.troubles.hurry();
        return watch.records.untilWell(agent);
      },
    },
  ];
}

/** Notes since when the activities do not work, although the platform answers: an outage is no fault of theirs. */
class Watch implements EventFollower {
  readonly #agent: WatchedAgent;
  readonly poll = new Fault();
  readonly records = new Fault();
  /** Number of waiting records after the last event. */
  #waiting = 0;

  constructor(agent: WatchedAgent) {
    this.#agent = agent;
    agent.timers.scope.add(this);
  }

  get isDeaf(): boolean {
    return this.#agent.timers.ticks() - this.poll.sinceTicks > DEAF_MS;
  }

  get isStuck(): boolean {
    const { timers, runtime } = this.#agent;
    return timers.ticks() - this.records.sinceTicks > Math.max(STUCK_MS, 2000 * runtime.sendInterval);
  }

  afterEvent(): void {
    const { board, isListening, uplink, telemetry } = this.#agent;
    const { waiting } = telemetry;
    const { lastSignTicks } = board;
    // A transfer parks the poll, and operations are listed meanwhile.
    this.poll.note(isListening || uplink.poll.isParked, lastSignTicks);
    this.records.note(waiting === 0 || waiting < this.#waiting, lastSignTicks);
    this.#waiting = waiting;
  }
}

/** The time for which something does not work. */
class Fault {
  /** The first answer of the platform since it has worked last; NaN: there was none. */
  sinceTicks = NaN;
  #signTicks = 0;
  #onWell: (() => void) | undefined;

  note(isWell: boolean, signTicks: number): void {
    if (isWell) {
      this.#signTicks = signTicks;
      this.sinceTicks = NaN;
      const onWell = this.#onWell;
      this.#onWell = undefined;
      onWell?.();
    } else if (Number.isNaN(this.sinceTicks) && signTicks > this.#signTicks) this.sinceTicks = signTicks;
  }

  /** Settled when it works, or does not within half a minute. */
  untilWell({ timers }: WatchedAgent): Promise<void> {
    return new Promise((resolve, reject) => {
      const onDeadline = () => reject(new Error(`it does not work yet, ${RESTART_MS / 1000} s after the restart`));
      const deadline = timers.create({ onDeadline });
      deadline.start(RESTART_MS);
      this.#onWell = () => {
        deadline.stop();
        resolve();
      };
    });
  }
}
