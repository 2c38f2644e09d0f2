// SPDX-License-Identifier: Apache-2.0

import type { Severity } from '../../api.ts';
import type { Base, Memory } from '../../base/base.ts';
import type { DeadlineOwner } from '../../timers/timers.ts';

/** This many crashes in a row are taken for the fault of the app or of its configuration. */
const MOST = 3;
/** A start that runs this long counts as good: the crashes are forgotten. */
const CALM_MS = 600_000;
/** After this time without the app, the app is tried again. One further crash then brings safe mode back. */
const SAFE_MS = 3_600_000;
const STORED = 'crashes';
const ALARM = 'fractus_SafeMode';

/** The services of the agent that the counting of crashes uses. */
interface CrashesBase extends Pick<Base, 'hal' | 'timers'>, Memory {
  readonly board: {
    alarm(type: string, severity: Severity, text: string): void;
    clear(type: string): void;
  };
  restart(reason: string): void;
}

/** A part that keeps a device reachable while its app crashes again and again. */
export interface SafeModePart {
  /** Undefined: no crash is remembered. */
  readonly safeMode: (agent: CrashesBase) => Pick<Crashes, 'isSafe' | 'start'> | undefined;
}

/** Counts crashes in a row. Exists only if the last run has crashed, or an earlier crash is still remembered. */
export class Crashes implements DeadlineOwner {
  readonly #agent: CrashesBase;
  readonly #count: number;

  /** Counts the crash that led to this start, if any. Undefined: no crash is remembered, and nothing was written. */
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
    // One less, so that the next start tries the app again, and its first crash brings safe mode back.
    const kept = String(Math.min(count, MOST - 1));
    if (agent.recall(STORED) !== kept) agent.remember(STORED, kept);
  }

  /** Whether the agent runs in safe mode: without the app, and without the configuration set by operations. */
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
      // In this order: a power cut in between repeats this in the next start, and forgets nothing.
      agent.board.clear(ALARM);
      agent.remember(STORED, undefined);
    }
  }
}
