// SPDX-License-Identifier: Apache-2.0
/** `fractus/life`: the state of a device on its platform. Part of the apps that import it, and of no other image. */

import { type Core, coreOf, type EventFollower } from '../core.ts';
import type { AppBoard } from '../index.ts';

/**
 * Indexes of the idle states in the tables of the agent.
 * @internal
 */
export const IDLE = { alarms: 0, upkeep: 0, backlog: 4 } as const;

/** The state of a device on its platform. */
export interface Standing {
  /** The device listens for operations, so the platform can reach it. */
  readonly connected: boolean;
  /** The device has a managed object. */
  readonly registered: boolean;
  /** The device knows the time. */
  readonly timeKnown: boolean;
  /**
   * The device listens; no record, alarm, change of the inventory, update of an event (`fractus/events`) or attachment
   * waits, and no operation is being carried out. Data that the platform does not take for now keeps this false.
   */
  readonly allSent: boolean;
}

/** The state of a device on its platform, now, and each change of it. */
export interface Life extends Standing {
  /** Called after an event that has changed one of the values, with all of them. */
  onChange(listener: (now: Standing) => void): void;
  /**
   * Called once before the agent ends in order: before a restart, a sleep, a stop. With flash, records made in it are
   * sent after the next start. It must not take long; an exception is logged. All listeners are called, in their order.
   */
  onEnd(listener: () => void): void;
}

/** The state of this board on its platform, from now on. */
export function life(board: AppBoard): Life {
  return new LifeOf(coreOf(board));
}

/** @internal */
export function isAllSent(core: Core): boolean {
  const { alarms, backlog, board, isListening, telemetry, unsent, upkeep } = core;
  if (!board.registered || !isListening || telemetry.waiting > 0 || backlog.intake.waiting > 0) return false;
  if ((unsent ?? 0) > 0) return false;
  return alarms.state === IDLE.alarms && upkeep.state === IDLE.upkeep && backlog.state === IDLE.backlog;
}

class LifeOf implements Life, EventFollower {
  readonly #core: Core;
  #listeners: readonly ((now: Standing) => void)[] = [];
  #told = -1;

  constructor(core: Core) {
    this.#core = core;
  }

  get connected(): boolean {
    return this.#core.isListening;
  }

  get registered(): boolean {
    return this.#core.board.registered;
  }

  get timeKnown(): boolean {
    return this.#core.hal.clock.now() !== undefined;
  }

  get allSent(): boolean {
    return isAllSent(this.#core);
  }

  onChange(listener: (now: Standing) => void): void {
    if (this.#listeners.length === 0) {
      this.#told = this.#standing();
      this.#core.timers.scope.add(this);
    }
    this.#listeners = [...this.#listeners, listener];
  }

  onEnd(listener: () => void): void {
    const core = this.#core;
    const others = core.onEnding;
    core.onEnding = () => {
      others?.();
      try {
        listener();
      } catch (error) {
        core.hal.log('error', `onEnd: ${error instanceof Error ? error.message : 'it throws a non-Error'}`);
      }
    };
  }

  afterEvent(): void {
    const standing = this.#standing();
    if (standing === this.#told || this.#core.stopped) return;
    this.#told = standing;
    const { connected, registered, timeKnown, allSent } = this;
    for (const listener of this.#listeners) listener({ connected, registered, timeKnown, allSent });
  }

  #standing(): number {
    return Number(this.connected) + 2 * Number(this.registered) + 4 * Number(this.timeKnown) + 8 * Number(this.allSent);
  }
}
