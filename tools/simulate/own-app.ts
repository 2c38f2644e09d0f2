// SPDX-License-Identifier: Apache-2.0
/** `fractus simulate --app FILE`: lives of an author's app, each with one fault. */

import { createRandom } from '../../hal/common/random.ts';
import type { App, RawConfig } from '../../src/index.ts';
import { withinTime } from '../device/time-limit.ts';
import { createOperation } from '../platform/operator.ts';
import {
  type FaultKind,
  formatFaults,
  NETWORK_FAULTS,
  noOccasions,
  type Occasions,
  type PlannedFault,
} from './faults/fault.ts';
import { Injector } from './faults/injector.ts';
import { World } from './machine/world.ts';
import { everyCut } from './suites/power.ts';

const MINUTE_MS = 60_000;
/** Longest wait for an expected event, including pauses. */
const PATIENCE_MS = 3_600_000;
/** Time for the app to work, before and after a restart. */
const WORK_MS = 5 * MINUTE_MS;
/** Lines of the log that an error shows. */
const SHOWN_LINES = 12;
/** Real time for a minute of a life, of which a fast app needs a tenth. More is a loop, which a board's watchdog would end. */
const LIMIT_MS = 5000;
/** Faults in addition to power cuts. */
const OTHERS: readonly FaultKind[] = [
  ...NETWORK_FAULTS.map((what) => ({ on: 'exchange', what }) as const),
  ...(['refused', 'ignored'] as const).map((what) => ({ on: 'write', what }) as const),
];

/** The sensors, which boards of the desk have, too. */
function createSensors(random: () => number) {
  const around = (middle: number, width: number) => middle + width * (random() - 0.5);
  return {
    thermometer: { sample: () => ({ temperature: around(21, 10) }) },
    hygrometer: { sample: () => ({ humidity: around(50, 40) }) },
    barometer: { sample: () => ({ pressure: around(101_300, 3000) }) },
  };
}

export interface OwnLife {
  readonly occasions: Readonly<Occasions>;
  /** The failure; undefined: none. */
  readonly trouble: string | undefined;
  readonly requests: number;
}

export interface OwnLifeOptions {
  readonly app: App;
  readonly config: RawConfig;
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  /** Default: five seconds. */
  readonly limitMs?: number | undefined;
}

/**
 * A new board registers, works, is restarted remotely and works again, while `faults` strike. In the end it listens and
 * answers, has one object, has broken no rule of the platform, has thrown nothing, has ended each event, and has
 * revealed no secret.
 */
export function liveOnce({ app, config, seed, faults, limitMs = LIMIT_MS }: OwnLifeOptions): OwnLife {
  const random = createRandom(seed);
  const machine = { sensors: createSensors(random), nor: { sectors: 16 }, sleeps: true };
  const world = new World({ app, config, seed, machine, keepExchanges: 0 });
  const { device } = world;
  const injector = new Injector({ world, device, faults, random });
  let trouble: string | undefined;
  const within = <Result>(act: () => Result) => withinTime(act, limitMs, 'the app');
  /** A minute at a time, or until this holds. */
  const pass = (durationMs: number, holds = () => false) => {
    const endMs = world.time.nowMs + durationMs;
    while (world.time.nowMs < endMs && !holds()) {
      const minuteMs = Math.min(world.time.nowMs + MINUTE_MS, endMs);
      within(() => world.runUntil(() => holds() || world.time.nowMs >= minuteMs, MINUTE_MS));
    }
  };
  const until = (condition: () => boolean) => {
    pass(PATIENCE_MS, condition);
    if (!condition())
      throw new Error([`not within ${PATIENCE_MS} ms: ${condition}`, ...device.lines.slice(-SHOWN_LINES)].join('\n'));
  };
  try {
    injector.arm();
    within(() => world.start());
    const order = (text: Parameters<typeof createOperation>[2]) =>
      createOperation(world.platform, world.object?.id ?? '', text);
    until(() => world.object !== undefined);
    pass(WORK_MS);
    const restart = order({ c8y_Restart: {} });
    until(() => restart.status === 'SUCCESSFUL' || restart.status === 'FAILED');
    pass(WORK_MS);
    injector.disarm();
    const help = order({ c8y_Command: { text: 'help' } });
    until(() => help.status === 'SUCCESSFUL' || help.status === 'FAILED');
    if (help.status === 'FAILED') throw new Error(`the last operation failed: ${help.failureReason}`);
    world.finish();
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
  }
  return { occasions: { ...noOccasions(), ...injector.occasions }, trouble, requests: world.requests };
}

export interface OwnAppOptions {
  readonly app: App;
  readonly config: RawConfig;
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** Runs only every n-th of all faults. */
  readonly stride: number;
  readonly first: boolean;
  /** Faults of a single life, which replaces all others. */
  readonly faults: readonly PlannedFault[];
  onLife?(seed: number, faults: readonly PlannedFault[], life: OwnLife): void;
}

export interface OwnAppResult {
  lives: number;
  failures: number;
}

/**
 * Runs an undisturbed life, then one for each fault: power cuts at each write and each request, and the faults of
 * networks.
 */
export function simulateApp(options: OwnAppOptions): OwnAppResult {
  const { app, config, firstSeed, lastSeed, stride, first, onLife } = options;
  const result: OwnAppResult = { lives: 0, failures: 0 };
  const live = (seed: number, faults: readonly PlannedFault[]) => {
    const life = liveOnce({ app, config, seed, faults });
    result.lives += 1;
    if (life.trouble !== undefined) result.failures += 1;
    onLife?.(seed, faults, life);
    return life;
  };
  for (let seed = firstSeed; seed <= lastSeed; seed++) {
    if (options.faults.length > 0) {
      live(seed, options.faults);
      continue;
    }
    const { occasions, trouble } = live(seed, []);
    // A failure without faults makes the other lives meaningless.
    if (trouble !== undefined) return result;
    let index = seed;
    for (const fault of faultsOf(occasions)) {
      if (index++ % stride !== 0) continue;
      live(seed, [fault]);
      if (first && result.failures > 0) return result;
    }
  }
  return result;
}

function* faultsOf(occasions: Readonly<Occasions>): Generator<PlannedFault> {
  yield* everyCut(occasions);
  for (const { on, what } of OTHERS) for (let at = 1; at <= occasions[on]; at++) yield { on, at, what };
}

/** The arguments that repeat a life. */
export function describeOwnLife(file: string, seed: number, faults: readonly PlannedFault[]): string {
  return `--app ${file} --seed ${seed}${faults.length === 0 ? '' : ` --faults "${formatFaults(faults)}"`}`;
}
