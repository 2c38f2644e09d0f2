// SPDX-License-Identifier: Apache-2.0
/** `fractus/life`: how a device stands with its platform. Part of the apps that import it, and of no other image. */

import type { AppBoard } from '../index.ts';
import { type Core, coreOf, type EventFollower } from './core.ts';

/** Places in the tables of the agent where nothing is to be done. */
export const IDLE = { alarms: 0, upkeep: 0, backlog: 4 } as const;

/** How a device stands with its platform. */
export interface Standing {
  /** The platform can reach it: it listens for operations. */
  readonly connected: boolean;
  /** It has a managed object. */
  readonly registered: boolean;
  /** It knows what time it is. */
  readonly timeKnown: boolean;
  /**
   * It listens, no record, alarm or change of the inventory waits, no update of an event (`fractus/events`) and no attachment,
   * and no operation is in hand. What the platform does not take for now keeps this false.
   */
  readonly allSent: boolean;
}

export interface Life extends Standing {
  /** Called after an event in which one of these has changed, with what has become of them. */
  onChange(listener: (now: Standing) => void): void;
  /**
   * Called once before the agent ends in order: before a restart, a sleep, a stop. What is recorded in it is sent after the
   * next start where there is flash. It must not take long, and what it throws is logged. All are called, in their order.
   */
  onEnd(listener: () => void): void;
}

/** How this board stands with its platform, from now on. */
export function life(board: AppBoard): Life {
  return new LifeOf(coreOf(board));
}

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
        core.hal.log('error', `the end: ${error instanceof Error ? error.message : 'what it throws is no Error'}`);
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
