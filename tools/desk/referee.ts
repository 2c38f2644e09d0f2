// SPDX-License-Identifier: Apache-2.0
/** Judges a trial by the data of the tenant: whether the required things have happened. */

import { judge } from '../platform/control/judge.ts';
import type { TrialNote } from '../platform/messages.ts';
import type { Platform } from '../platform/platform.ts';
import type { DeskBoard } from './board.ts';
import { type Target, type Trial, trials } from './trials.ts';

export interface RefereeOptions {
  readonly id: number;
  readonly name: string;
  readonly target: Target;
  readonly board: string | undefined;
  onChange(note: TrialNote): void;
}

/** When a requirement is not fulfilled this long after the end, the trial has failed. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 500;

export class Referee {
  readonly #options: RefereeOptions;
  readonly #trial: Trial;
  readonly #startedMs: number;
  readonly #breaches: number;
  readonly #boots: readonly number[];
  #end: (() => void) | undefined;
  #endedMs: number | undefined;
  #timer: NodeJS.Timeout;
  #note: TrialNote;

  /** @throws RangeError when there is no such trial, or no board for it */
  constructor(options: RefereeOptions) {
    const trial = trials.find(({ name }) => name === options.name);
    if (trial === undefined) throw new RangeError(`name: one of ${trials.map(({ name }) => name).join(', ')} expected`);
    const { id, target, board } = options;
    if (trial.group !== 'platform' && target.boards.length === 0) throw new RangeError('board: a virtual one expected');
    this.#options = options;
    this.#trial = trial;
    this.#startedMs = target.platform.core.now();
    this.#breaches = target.platform.breaches.length;
    this.#boots = target.boards.map(({ boots }) => boots);
    this.#note = {
      id,
      name: trial.name,
      title: trial.title,
      mustHappen: trial.mustHappen,
      state: 'running',
      startedMs: this.#startedMs,
      ...(board !== undefined && { board }),
      result: '',
    };
    this.#end = trial.begin(target);
    this.#timer = setTimeout(() => this.#finish(), trial.lastsMs).unref();
    options.onChange(this.#note);
  }

  get note(): TrialNote {
    return this.#note;
  }

  get isOver(): boolean {
    return this.#note.state !== 'running' && this.#note.state !== 'recovering';
  }

  /** Ends the disturbance now. */
  cancel(): void {
    if (this.isOver) return;
    if (this.#note.state === 'running') this.#finish();
    else this.#conclude('cancelled', 'nobody waits for the result any more');
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#end?.();
    this.#end = undefined;
    this.#endedMs = this.#options.target.platform.core.now();
    this.#change({ state: 'recovering' });
    this.#timer = setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    const { platform, boards } = this.#options.target;
    const endedMs = this.#endedMs ?? 0;
    const problem = this.#problem(platform, boards);
    if (problem === undefined) this.#conclude('passed', this.#account(platform, boards));
    else if (platform.core.now() - endedMs > PATIENCE_MS) this.#conclude('failed', problem);
    else this.#timer = setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  /** The first requirement that is not fulfilled; undefined: all are. */
  #problem(platform: Platform, boards: readonly DeskBoard[]): string | undefined {
    if (platform.breaches.length > this.#breaches) return 'the device has broken the protocol';
    const { expects } = this.#trial;
    if (expects === 'restart' && boards.some(({ boots }, i) => boots <= (this.#boots[i] ?? 0))) return 'no start yet';
    if (expects === 'token' && !this.#hasNewToken(platform)) return 'no new token yet';
    if (expects === 'alarm') return this.#alarmProblem(platform, boards);
    for (const { sampled, id } of this.#devices(platform, boards)) {
      if (!sampled.some((each) => each.sampledMs > (this.#endedMs ?? 0))) return 'no new sample yet';
      const isListening = [...platform.core.sessions.values()].some(
        ({ hold, subscriptions }) => hold !== undefined && subscriptions.has(`/${id}`),
      );
      if (!isListening) return 'no device listens for operations yet';
    }
    return undefined;
  }

  #hasNewToken({ requests }: Platform): boolean {
    return requests.some(
      ({ path, status, timeMs }) =>
        path === '/devicecontrol/deviceAccessToken' && status === 200 && timeMs >= this.#startedMs,
    );
  }

  #alarmProblem(platform: Platform, boards: readonly DeskBoard[]): string | undefined {
    for (const { objectId = '' } of boards) {
      const raised = [...platform.core.alarms.of(objectId)].filter(({ timeMs }) => timeMs >= this.#startedMs);
      if (raised.length === 0) return 'no alarm yet';
      if (raised.some(({ fragments }) => fragments['status'] !== 'CLEARED')) return 'the alarm is not cleared yet';
    }
    return undefined;
  }

  #devices(platform: Platform, boards: readonly DeskBoard[]) {
    const ids =
      boards.length > 0
        ? boards.map(({ objectId }) => objectId)
        : [...platform.core.sessions.values()].flatMap(({ subscriptions }) =>
            [...subscriptions].map((each) => each.slice(1)),
          );
    return ids
      .filter((id) => id !== undefined)
      .map((id) => ({
        id,
        sampled: [...platform.core.measurements.of(id)]
          .filter(({ creationTimeMs }) => creationTimeMs >= this.#startedMs)
          .map(({ timeMs, fragments }) => ({ sampledMs: timeMs, type: String(fragments['type']) })),
      }));
  }

  /** The summary, as `caught up: 41 samples, in order, 0 lost, 0 twice`. */
  #account(platform: Platform, boards: readonly DeskBoard[]): string {
    if (this.#trial.expects === 'alarm') return 'the alarm was raised once and is cleared';
    let samples = 0;
    let twice = 0;
    let lost = 0;
    let isOrdered = true;
    for (const { id, sampled } of this.#devices(platform, boards)) {
      const takenMs = boards.find(({ objectId }) => objectId === id)?.samples.ms;
      const byType = new Map<string, number[]>();
      for (const { sampledMs, type } of sampled) byType.set(type, [...(byType.get(type) ?? []), sampledMs]);
      samples += sampled.length;
      for (const times of byType.values()) {
        const { gaps, repeats, isSorted } = judge(times, takenMs);
        lost += gaps;
        twice += repeats;
        isOrdered &&= isSorted;
      }
    }
    const missing = this.#trial.mayLose === true ? 'the gap was not measured' : `${lost} lost`;
    const again = twice > 0 && this.#trial.mayRepeat === true ? ' (an answer was lost)' : '';
    return `caught up: ${samples} samples, ${isOrdered ? 'in order' : 'out of order'}, ${missing}, ${twice} twice${again}`;
  }

  #conclude(state: TrialNote['state'], result: string): void {
    clearTimeout(this.#timer);
    this.#change({ state, result });
  }

  #change(change: Partial<TrialNote>): void {
    this.#note = { ...this.#note, ...change };
    this.#options.onChange(this.#note);
  }
}
