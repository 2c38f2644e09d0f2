// SPDX-License-Identifier: Apache-2.0
/** `fractus/sleep`: boards on a battery. Part of the apps that import it, and of no other image. */

import { fnv1a } from '../bytes/hash.ts';
import { utf8 } from '../bytes/text.ts';
import { type Core, type CoreDeadline, coreOf, type EventFollower } from '../core.ts';
import type { AppBoard } from '../index.ts';
import { isAllSent } from './life.ts';
import { state } from './state.ts';

/** Longest time for sending: unsent records wait on flash, but the battery does not wait. */
const LONGEST_MS = 120_000;
/** Longest time awake for an operation under way or a firmware on trial, which a sleep would end. */
const MOST_AWAKE_MS = 3_600_000;
/** Time awake after all is sent, for an operation that is pushed a moment later. */
const LINGER_MS = 1000;
/** Time awake without the radio, for the sensors. */
const SAMPLE_MS = 200;
const STORED = 'sleep';
/** Prefix of stored alarms that the platform does not have yet. */
const ALARMS = 'alarm-';
const MOST_SLEEP_MS = 2 ** 31;

/** Options of `sleep`. */
export interface SleepOptions {
  /**
   * Longest time until all is sent, after which it sleeps anyway. Default 120,000. An operation under way may end
   * first, within an hour.
   */
  readonly longestMs?: number;
}

/**
 * Sleeps for `durationMs` as soon as all is sent: records, alarms, the inventory, and the operations that waited for
 * this device. Records that are left wait on flash. The board loses all RAM and starts again, with the reset cause
 * `deep-sleep`; a machine that cannot sleep waits as long and restarts.
 * @throws RangeError for a duration that is not allowed, or after which the platform would raise an alarm
 * (requiredAvailability)
 */
export function sleep(board: AppBoard, durationMs: number, options: SleepOptions = {}): void {
  const core = coreOf(board);
  checkDuration(core, durationMs, durationMs);
  new Sleeper(core, options.longestMs ?? LONGEST_MS, (nowMs) => {
    state(board).set(STORED, `0 ${nowMs === undefined ? '' : nowMs + durationMs}`);
    return durationMs;
  });
}

/** Intervals of `dutyCycle`. */
export interface DutyCycle {
  /** Seconds from one sample to the next. */
  readonly wakeS: number;
  /** Seconds from one connection to the next, a multiple of `wakeS`. In between the radio stays off. */
  readonly sendS: number;
  readonly longestMs?: number;
}

/**
 * Wakes every `wakeS` seconds for a sample of all sensors, sends every `sendS` seconds, and sleeps in between. Also
 * sends at once when an alarm is raised, and while the time is not known. The app calls it at the start.
 * @throws RangeError as `sleep`, and when `sendS` is not a multiple of `wakeS`
 */
export function dutyCycle(board: AppBoard, { wakeS, sendS, longestMs = LONGEST_MS }: DutyCycle): void {
  const core = coreOf(board);
  checkDuration(core, wakeS * 1000, sendS * 1000);
  const wakes = sendS / wakeS;
  if (!Number.isInteger(wakes)) throw new RangeError(`sleep: sendS ${sendS} is not a multiple of wakeS ${wakeS}`);
  const { clock, board: machine } = core.hal;
  const [wake = '', wokenAt = '', left = ''] = state(board).get(STORED)?.split(' ') ?? [];
  const hasSlept = machine.resetCause === 'deep-sleep';
  // No server has to be asked for the time: it is the planned time of waking.
  if (hasSlept && clock.now() === undefined && Number(wokenAt) > 0) clock.set(Number(wokenAt));
  const isSending = !hasSlept || clock.now() === undefined || Number(wake) % wakes === 0;
  core.isOffline = !isSending;
  const sleeper = new Sleeper(core, isSending ? longestMs : SAMPLE_MS, (nowMs) => {
    const wasOnline = isSending || sleeper.isLate;
    const next = wasOnline ? 1 : Number(wake) + 1;
    // After a long time awake, the next sample still comes in time.
    const restMs = Math.max(1, wakeS * 1000 - core.hal.clock.ticks());
    const stillLeft = wasOnline ? waitingAlarms(core) : Number(left);
    state(board).set(STORED, `${next} ${nowMs === undefined ? '' : nowMs + restMs} ${stillLeft}`);
    return restMs;
  });
  sleeper.leftAlarms = Number(left);
}

function checkDuration({ config }: Core, durationMs: number, silentMs: number): void {
  if (!(durationMs >= 1 && durationMs <= MOST_SLEEP_MS))
    throw new RangeError(`sleep: ${durationMs} ms is not allowed; allowed: 1 to ${MOST_SLEEP_MS}`);
  const { requiredAvailabilityMin } = config;
  if (requiredAvailabilityMin === 0 || silentMs < requiredAvailabilityMin * 60_000) return;
  throw new RangeError(
    `sleep: silent for ${silentMs / 60_000} min, the platform would raise an alarm after ${requiredAvailabilityMin}; allowed: requiredAvailability=0 or more than that`,
  );
}

/** A hash of the names and values of the alarms that the platform does not have yet; 0: there are none. */
function waitingAlarms({ hal }: Core): number {
  let hash = 0;
  for (const name of hal.store.keys()) {
    if (!name.startsWith(ALARMS)) continue;
    const key = utf8(name);
    const value = hal.store.get(name) ?? key;
    hash ^= fnv1a(key, 0, key.length) ^ fnv1a(value, 0, value.length);
  }
  return hash;
}

/** Waits until there is nothing left to do, and sleeps. */
class Sleeper implements EventFollower {
  /** An offline start has gone online for an alarm that does not wait. */
  isLate = false;
  /** The alarms that the platform did not take in the last connection: they wait for the next one. */
  leftAlarms = 0;
  readonly #core: Core;
  readonly #deadline: CoreDeadline;
  readonly #linger: CoreDeadline;
  readonly #fallAsleep: (nowMs: number | undefined) => number;
  readonly #endTicks: number;
  #isSettled = false;

  /** @param fallAsleep returns the duration in ms, and keeps the state for the next start */
  constructor(core: Core, longestMs: number, fallAsleep: (nowMs: number | undefined) => number) {
    this.#core = core;
    this.#fallAsleep = fallAsleep;
    this.#deadline = core.timers.create(this);
    this.#linger = core.timers.create({ onDeadline: () => this.#rest() });
    this.#deadline.start(longestMs);
    this.#endTicks = core.hal.clock.ticks() + MOST_AWAKE_MS;
    core.timers.scope.add(this);
  }

  afterEvent(): void {
    const core = this.#core;
    if (core.isOffline || core.stopped) return;
    if (core.board.registered && core.telemetry.waiting > 0 && core.runtime['sendInterval'] !== 0)
      core.telemetry.flush();
    const isSettled = isAllSent(core) && core.hal.firmware?.onTrial !== true;
    if (isSettled === this.#isSettled) return;
    this.#isSettled = isSettled;
    if (isSettled) this.#linger.start(LINGER_MS);
    else this.#linger.stop();
  }

  /** Offline: the samples of this start are taken. Online: the time for sending is over. */
  onDeadline(): void {
    const core = this.#core;
    const waiting = waitingAlarms(core);
    if (!core.isOffline) {
      if (this.#isBusy()) {
        this.#deadline.start(LONGEST_MS);
        return;
      }
      core.hal.log('warn', 'the board sleeps before all is sent: the rest waits');
      this.#rest();
    } else if (waiting !== 0 && waiting !== this.leftAlarms) {
      this.isLate = true;
      this.#deadline.start(LONGEST_MS);
      core.goOnline(0);
    } else {
      this.#rest();
    }
  }

  #isBusy(): boolean {
    const { backlog, hal } = this.#core;
    const isBusy = backlog.intake.waiting > 0 || hal.firmware?.onTrial === true;
    return isBusy && hal.clock.ticks() < this.#endTicks;
  }

  #rest(): void {
    const core = this.#core;
    if (core.stopped) return;
    core.timers.scope.remove(this);
    core.stop(() => {
      const { hal } = core;
      const durationMs = this.#fallAsleep(hal.clock.now());
      if (hal.sleep !== undefined) hal.sleep.deep(durationMs);
      else hal.createTimer(() => hal.restart('end of sleep')).start(durationMs);
    });
  }
}
