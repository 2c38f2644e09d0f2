// SPDX-License-Identifier: Apache-2.0
/** The life that all others are held against, and how one is disturbed. */

import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../tools/platform/faults.ts';
import type { Rule } from '../../tools/platform/rules.ts';
import { type Config, Life, type Phase, phases } from './life.ts';
import { kindOf, type Transit } from './wire.ts';

/** One answer of an undisturbed life. */
export interface Recorded {
  readonly number: number;
  readonly kind: string;
  readonly phase: Phase;
  /** All bytes of it. */
  answer: Buffer;
}

/** One life that is held against the undisturbed one. */
export interface Trial {
  /** How far it goes. */
  readonly phase: Phase;
  readonly disturb: (life: Life) => void;
  /** How many more requests it may make. */
  readonly moreRequests: number;
  /** What cannot be held against the device, for it was kept from it. */
  readonly allowed?: readonly Rule[];
}

/** A life that nothing disturbs. */
export class Reference {
  readonly config: Config;
  readonly #faults: readonly Fault[];
  /** What was answered, in order. */
  readonly answers: readonly Recorded[];
  readonly #visible = new Map<Phase, unknown>();
  readonly #requests = new Map<Phase, number>();

  /** @param faults that belong to all its lives: some answers are given only after trouble. */
  constructor(config: Config, faults: readonly Fault[] = []) {
    this.config = config;
    this.#faults = faults;
    this.answers = record(new Life(config, faults));
    for (const phase of phases) {
      const life = new Life(config, faults);
      life.live(phase);
      life.finish();
      this.#visible.set(phase, life.visible);
      this.#requests.set(phase, life.world.requests);
    }
  }

  /** The first answer of each kind. */
  get firsts(): Recorded[] {
    return this.answers.filter(({ kind }, i) => this.answers.findIndex((each) => each.kind === kind) === i);
  }

  /**
   * Lives up to a phase under a disturbance, then in peace to the end. Returns what is wrong with that life compared to
   * this one; undefined: nothing.
   */
  troubleWith({ phase, disturb, moreRequests, allowed }: Trial): string | undefined {
    const life = new Life(this.config, this.#faults);
    try {
      disturb(life);
      life.live(phase);
      life.finish(allowed);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const { visible, world } = life;
    const requests = world.requests - (this.#requests.get(phase) ?? 0);
    const lines = world.device.lines.join('\n');
    if (requests > moreRequests) return `${requests} more requests\n${lines}`;
    const expected = this.#visible.get(phase);
    if (isDeepStrictEqual(visible, expected)) return undefined;
    return `${JSON.stringify(visible)} instead of ${JSON.stringify(expected)}\n${lines}`;
  }
}

function record(life: Life): Recorded[] {
  const answers = new Map<number, Recorded>();
  let phase: Phase = 'begin';
  life.network.meddler = (transit, bytes) => {
    const { number, request } = transit;
    const recorded = answers.get(number) ?? { number, kind: kindOf(request), phase, answer: Buffer.alloc(0) };
    recorded.answer = Buffer.concat([recorded.answer, bytes]);
    answers.set(number, recorded);
    transit.send(bytes);
  };
  life.live('restart', (next) => {
    phase = next;
  });
  return [...answers.values()];
}

/** Answers the first `times` requests of a kind in the place of the platform, which does not hear of them. */
export function impersonate(
  { network, world }: Life,
  kind: string,
  times: number,
  answer: (transit: Transit) => Uint8Array,
): void {
  let left = times;
  network.impostor = (transit) => {
    if (left === 0 || kindOf(transit.request) !== kind) return undefined;
    left -= 1;
    // The platform cannot know what has kept the device.
    world.platform.forgive(world.device.user);
    return answer(transit);
  };
}

/** Changes what the platform has answered to `times` requests of a kind, the first of them not before number `from`. */
export function distort(
  { network, world }: Life,
  kind: string,
  times: number,
  change: (answer: Buffer, transit: Transit) => Uint8Array,
  from = 1,
): void {
  const collected = new Map<number, Buffer>();
  let left = times;
  network.meddler = (transit, bytes) => {
    const before = collected.get(transit.number);
    if (before === undefined && (left === 0 || transit.number < from || kindOf(transit.request) !== kind)) {
      transit.send(bytes);
      return;
    }
    if (before === undefined) left -= 1;
    const answer = Buffer.concat([before ?? Buffer.alloc(0), bytes]);
    collected.set(transit.number, answer);
    if (!isComplete(answer)) return;
    world.platform.forgive(world.device.user);
    transit.send(change(answer, transit));
  };
}

/** A poll that is held has sent its head long before the rest. */
function isComplete(answer: Buffer): boolean {
  const text = answer.toString('latin1');
  return !/transfer-encoding: chunked/i.test(text) || text.endsWith('0\r\n\r\n');
}

/** Lets what is due happen, so that the results of tests so far get out. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
