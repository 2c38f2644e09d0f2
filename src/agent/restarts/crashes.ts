// SPDX-License-Identifier: Apache-2.0

import type { Severity } from '../../api.ts';
import type { DeadlineOwner } from '../../timers/timers.ts';
import type { Base, Memory } from '../base/base.ts';

/** So many crashes in a row are the app's fault, or its configuration's. */
const MOST = 3;
/** A start that gets this old is none of them. */
const CALM_MS = 600_000;
/** After so long without the app it is tried again; if it crashes then, once is enough. */
const SAFE_MS = 3_600_000;
const STORED = 'crashes';
const ALARM = 'fractus_SafeMode';

/** What the counting of crashes needs of the agent. */
interface CrashesBase extends Pick<Base, 'hal' | 'timers'>, Memory {
  readonly board: {
    alarm(type: string, severity: Severity, text: string): void;
    clear(type: string): void;
  };
  restart(reason: string): void;
}

/** What keeps a device reachable whose app crashes again and again. */
export interface SafeModePart {
  /** Undefined: all is well. */
  readonly safeMode: (agent: CrashesBase) => Pick<Crashes, 'isSafe' | 'start'> | undefined;
}

/** Counts starts that came from a crash. There only when the last one did, or one before it that is not forgotten. */
export class Crashes implements DeadlineOwner {
  readonly #agent: CrashesBase;
  readonly #count: number;

  /** Undefined: all is well, and nothing was written. */
  static count(agent: CrashesBase): Crashes | undefined {
    const { resetCause } = agent.hal.board;
    const isCrash = resetCause === 'panic' || resetCause === 'watchdog';
    const before = agent.recall(STORED);
    if (!isCrash && before === undefined) return undefined;
    return new Crashes(agent, (Number(before) || 0) + (isCrash ? 1 : 0));
  }

  private constructor(agent: CrashesBase, count: number) {
    this.#agent = agent;
    this.#count = count;
    // One less, so that the next start tries the app again, and its first crash brings back the safe mode.
    const kept = String(Math.min(count, MOST - 1));
    if (agent.recall(STORED) !== kept) agent.remember(STORED, kept);
  }

  /** The app does not run, nor is what an operation has configured in force. */
  get isSafe(): boolean {
    return this.#count >= MOST;
  }

  start(): void {
    const agent = this.#agent;
    agent.timers.create(this).start(this.isSafe ? SAFE_MS : CALM_MS);
    if (!this.isSafe) return;
    const { resetCause } = agent.hal.board;
    agent.hal.log('error', `the last starts have crashed (${resetCause}): this one does without the app`);
    const text = `The device has crashed ${this.#count} times in a row (${resetCause}): it runs without its app for an hour`;
    agent.board.alarm(ALARM, 'MAJOR', text);
  }

  onDeadline(): void {
    const agent = this.#agent;
    if (this.isSafe) {
      agent.restart('the app is tried again');
    } else {
      agent.remember(STORED, undefined);
      agent.board.clear(ALARM);
    }
  }
}
