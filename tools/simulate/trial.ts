// SPDX-License-Identifier: Apache-2.0
/** One life with planned faults: runs until no fault lasts, and returns failures. */

import { createHash } from 'node:crypto';
import { formatFaults, isRefusal, noOccasions, type Occasions, type PlannedFault } from './faults/fault.ts';
import { Injector } from './faults/injector.ts';
import { Invariants } from './invariants/invariants.ts';
import type { Identity } from './machine/identity.ts';
import { isEnded, Life } from './machine/life.ts';
import type { World } from './machine/world.ts';
import { scenarioOf } from './scenarios/scenario.ts';
import { storyOf } from './story.ts';

export interface Trial {
  readonly scenario: string;
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
}

export interface Verdict {
  /** The failure; undefined: none. */
  readonly trouble: string | undefined;
  /** Occasions until the end of the scenario. */
  readonly occasions: Readonly<Occasions>;
  /** Occasions after the last fault. */
  readonly since: Readonly<Occasions>;
  /** Faults that have really been applied. */
  readonly applied: readonly PlannedFault[];
  /** Faults whose turn never came, or that found nothing to disturb. */
  readonly missed: readonly PlannedFault[];
  readonly cuts: number;
  readonly requests: number;
  readonly simulatedMs: number;
  /** Digest of all network traffic and log lines, if requested. */
  readonly digest: string | undefined;
  /** Requests and log lines in order, if the digest is requested. */
  readonly story: readonly string[];
}

/** Longest wait for an expected event, including a dead poll and pauses of a minute. */
const PATIENCE_MS = 3_600_000;
/** After this time, remaining faults are no longer awaited. */
const LONGEST_WAIT_MS = 1_200_000;
/** Time for which a device continues after a refusal. */
const REFUSED_MS = 90_000;
/** Time for one more sample and its effects. */
const CALM_MS = 21_000;
/** Longest pause of a device after repeated failures. */
const LONGEST_PAUSE_MS = 600_000;

export interface TrialOptions {
  readonly identity: Identity;
  readonly digest?: boolean;
  /** Counts calls into the HAL even without a fault that needs it. */
  readonly countsCalls?: boolean;
  /** Receives the world before it begins, and each fault when it is applied. */
  readonly recorder?: { watch(world: World): void; struck(fault: PlannedFault): void };
}

/** Runs a trial. An agent that does not reach the beginning of the scenario has failed. */
export function runTrial(trial: Trial, options: TrialOptions): Verdict {
  const { identity, digest = false, countsCalls = false, recorder } = options;
  const scenario = scenarioOf(trial.scenario);
  const counts = countsCalls || trial.faults.some(({ on }) => on === 'call');
  const keepExchanges = digest ? 100_000 : 0;
  const onWorld = (world: World) => recorder?.watch(world);
  let life: Life;
  try {
    life = new Life({ scenario, seed: trial.seed, identity, keepExchanges, countsCalls: counts, onWorld });
  } catch (error) {
    return notBegun(trial, error);
  }
  const { world, device } = life;
  const injector = new Injector({
    world,
    device,
    faults: trial.faults,
    random: life.random,
    onApplied: (fault) => recorder?.struck(fault),
  });
  const refusals = trial.faults.filter(isRefusal).length;
  const invariants = new Invariants({ life, injector, refusals });
  const occasions = noOccasions();
  const since = noOccasions();
  let trouble: string | undefined;
  try {
    injector.arm();
    const { onAnswered } = world;
    world.onAnswered = (number) => {
      invariants.onAnswered();
      onAnswered?.(number);
    };
    life.plant.harmedWrites = () => injector.harmedWrites;
    // After a refusal for good, the app must report its alarm again.
    life.plant.tellsOnce = scenario.tellsOnce === true && refusals === 0;
    life.begin();
    if (refusals > 0) {
      // A request that was refused for good is only tried again after the next start.
      runUntil(life, invariants, () => isSpent(injector, life) && life.listening && life.msSinceAct > REFUSED_MS);
      device.reboot();
    }
    runUntil(life, invariants, () => isSpent(injector, life) && device.powered && life.done);
    Object.assign(occasions, injector.occasions);
    Object.assign(since, injector.since);
    injector.disarm();
    settle(life, invariants);
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
  }
  return {
    trouble,
    occasions,
    since,
    applied: injector.applied,
    missed: injector.missed,
    cuts: injector.cuts,
    requests: world.requests,
    simulatedMs: world.time.nowMs,
    digest: digest ? digestOf(life) : undefined,
    story: digest ? storyOf(world) : [],
  };
}

function notBegun({ faults }: Trial, error: unknown): Verdict {
  return {
    trouble: `before the scenario begins: ${error instanceof Error ? error.message : String(error)}`,
    ...{ occasions: noOccasions(), since: noOccasions(), applied: [], missed: faults, cuts: 0, requests: 0 },
    ...{ simulatedMs: 0, digest: undefined, story: [] },
  };
}

/** Whether the turn of all faults has come, or the rest will find no occasion. */
function isSpent(injector: Injector, { msSinceAct }: Life): boolean {
  return injector.done || msSinceAct > LONGEST_WAIT_MS;
}

/** Runs without faults, until everything works again. */
function settle(life: Life, invariants: Invariants): void {
  const { world } = life;
  const canary = life.order({ c8y_Command: { text: 'help' } });
  runUntil(life, invariants, () => isEnded(canary) && life.done, LONGEST_PAUSE_MS);
  if (canary.status !== 'SUCCESSFUL')
    throw new Error(`the last operation is ${canary.status}: ${canary.failureReason}`);
  const endMs = world.time.nowMs + CALM_MS;
  runUntil(life, invariants, () => world.time.nowMs >= endMs && life.caughtUp, CALM_MS + LONGEST_PAUSE_MS, true);
  invariants.atEnd();
  const stopMs = world.stop();
  if (stopMs > 2000) throw new Error(`I11: ${stopMs} ms to stop`);
  const { runningTimers } = life.device.machine;
  if (runningTimers > 0) throw new Error(`I11: ${runningTimers} timers run after the end`);
  world.finish(invariants.allowed);
}

function runUntil(
  { world }: Life,
  invariants: Invariants,
  condition: () => boolean,
  withinMs: number = PATIENCE_MS,
  isPause = false,
): void {
  const endMs = world.time.nowMs + withinMs;
  while (!condition()) {
    if (!world.step()) throw new Error('nothing will ever happen again');
    invariants.afterEvent();
    if (world.time.nowMs > endMs) {
      if (isPause) return;
      throw new Error(`not within ${withinMs / 1000} s: ${condition}`);
    }
  }
}

function digestOf({ world, device }: Life): string {
  const { lines, flash, nor } = device.machine;
  const hash = createHash('sha256').update(JSON.stringify([lines, world.exchanges, [...flash.values]]));
  if (nor !== undefined) hash.update(nor.bytes);
  return hash.digest('hex');
}

/** The arguments that repeat the trial. */
export function describeTrial({ scenario, seed, faults }: Trial): string {
  return `--scenario ${scenario} --seed ${seed} --faults "${formatFaults(faults)}"`;
}
