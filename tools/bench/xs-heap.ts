// SPDX-License-Identifier: Apache-2.0
/** Measures the agent's need for heap, by phase. */

import { SLOT_BYTES, usedBytes, type XsFigures } from '../xs/figures.ts';
import { ESP32_LIMITS, XsAbortError } from '../xs/machine.ts';
import type { Values } from './metrics.ts';
import { evaluatedBytes, type XsProgram } from './xs-costs.ts';
import { inXsWorld, type XsWorld } from './xs-world.ts';

const OPERATIONS = 20;
/** Long enough for more records than one batch holds. */
const OUTAGE_MS = 60_000;
/** Steps of the search for the least heap. */
const SLOT_STEP = 8;
const CHUNK_STEP_BYTES = 128;

/** The phases of a device. */
const PHASES: readonly { readonly name: string; readonly run: (world: XsWorld) => Promise<void> }[] = [
  { name: 'main has returned', run: (world) => world.boot() },
  { name: 'credentials, registration, first long poll', run: (world) => world.settle() },
  { name: '100 measurements', run: (world) => world.run(100_000) },
  { name: `${OPERATIONS} operations`, run: (world) => operate(world) },
  { name: 'a minute without a link', run: (world) => goDown(world) },
  { name: 'the queue is sent, listening again', run: (world) => comeUp(world) },
];

async function operate(world: XsWorld): Promise<void> {
  for (let i = 0; i < OPERATIONS; i++) await world.carryOut({ c8y_Command: { text: i % 2 === 0 ? 'help' : 'status' } });
  await world.rest();
}

async function goDown(world: XsWorld): Promise<void> {
  world.setLink(false);
  await world.run(OUTAGE_MS);
}

async function comeUp(world: XsWorld): Promise<void> {
  const { measurements } = world;
  world.setLink(true);
  await world.runUntil(() => world.measurements >= measurements + OUTAGE_MS / 1000);
  await world.rest();
}

/** The smallest heap in which all phases succeed: the fewest slots, and the fewest bytes for chunks. */
export async function measureLeastHeap(program: XsProgram): Promise<Values> {
  const slots = await least(SLOT_STEP, ESP32_LIMITS.slots, (slots) => suffices(program, { slots }));
  const most = program.host.wordBits === 64 ? ESP32_LIMITS.chunkBytes * 2 : ESP32_LIMITS.chunkBytes;
  const chunkBytes = await least(CHUNK_STEP_BYTES, most, (chunkBytes) => suffices(program, { chunkBytes }));
  return { 'xs.least_heap_bytes': slots * SLOT_BYTES + chunkBytes };
}

/** The least sufficient multiple of `step`; `most` is sufficient. */
async function least(step: number, most: number, isEnough: (amount: number) => Promise<boolean>): Promise<number> {
  let tooFew = 0;
  let enough = Math.ceil(most / step);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (await isEnough(middle * step)) enough = middle;
    else tooFew = middle;
  }
  return enough * step;
}

async function suffices(program: XsProgram, limits: { slots?: number; chunkBytes?: number }): Promise<boolean> {
  try {
    await inXsWorld({ ...program, limits }, async (world) => {
      for (const { run } of PHASES) await run(world);
    });
    return true;
  } catch (error) {
    const cause = error instanceof XsAbortError ? error : (error as Error).cause;
    if (cause instanceof XsAbortError && cause.kind === 'memory full') return false;
    throw error;
  }
}

/** Memory in use after a phase, and the peaks in it. */
export interface PhaseFigures {
  readonly name: string;
  /** Live bytes after a garbage collection, minus those before `main`. */
  readonly agentBytes: number;
  readonly live: XsFigures;
  /** Figures including garbage. */
  readonly during: XsFigures;
}

export async function measurePhases(program: XsProgram): Promise<PhaseFigures[]> {
  const baseBytes = await evaluatedBytes(program);
  return inXsWorld(program, async (world) => {
    const phases: PhaseFigures[] = [];
    for (const { name, run } of PHASES) {
      await run(world);
      const during = await world.figures();
      const live = await world.figures({ collect: true, mark: true });
      phases.push({ name, agentBytes: usedBytes(live) - baseBytes, live, during });
    }
    return phases;
  });
}
