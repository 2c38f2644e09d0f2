// SPDX-License-Identifier: Apache-2.0
/** The cost of a measurement, of an operation and of the agent itself on XS. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { allocatedBytes, SLOT_BYTES, usedBytes, type XsFigures } from '../xs/figures.ts';
import type { XsMachine, XsMachineOptions } from '../xs/machine.ts';
import type { Values } from './metrics.ts';
import { type Break, inXsWorld, type XsWorld } from './xs-world.ts';

/** The program that runs the bundle, and the bundle. */
export type XsProgram = Pick<XsMachineOptions, 'host' | 'bundle'>;

const WARM_UP_MEASUREMENTS = 100;
const WARM_UP_OPERATIONS = 20;
const OPERATIONS = 50;
/** Time after SUCCESSFUL for its answer, and for the next poll. */
const AFTERMATH_MS = 200;

/**
 * Measures the steady state: each figure is the mean of many repetitions, and includes all allocations of XS in that
 * time.
 * @param count measurements
 */
export async function measureCosts(program: XsProgram, count: number): Promise<Values> {
  const baseBytes = await evaluatedBytes(program);
  const builtInBytes = await inSilence(program, '', ({ machine }) => Promise.resolve(flashBytes(machine)));
  return inXsWorld(program, async (world) => {
    await world.start();
    const boot = await world.figures();
    await world.run(WARM_UP_MEASUREMENTS * 1000);
    await operationCost(world, 'help', WARM_UP_OPERATIONS);
    await operationCost(world, 'status', 1);
    await world.rest();
    const live = await world.figures({ collect: true, mark: true });
    const { steady, measured } = await measureSteadily(world, count);
    const help = await operationCost(world, 'help', OPERATIONS);
    const status = await operationCost(world, 'status', OPERATIONS);
    return {
      'xs.allocated_per_measurement_bytes': allocatedBytes(steady) / measured,
      'xs.bytecodes_per_measurement': Math.round(steady.byteCodes / measured),
      'xs.allocated_per_operation_bytes': Math.ceil(help.bytes),
      'xs.allocated_per_status_bytes': Math.ceil(status.bytes),
      'xs.bytecodes_per_operation': Math.round(help.byteCodes),
      'xs.agent_live_bytes': usedBytes(live) - baseBytes,
      'xs.allocated_boot_bytes': allocatedBytes(boot),
      'xs.flash_bytes': flashBytes(world.machine),
      'xs.flash_agent_bytes': flashBytes(world.machine) - builtInBytes,
    };
  });
}

/** The size of this bundle in flash, without the engine's built-ins. */
export async function flashOf(program: XsProgram, code: string): Promise<number> {
  const builtInBytes = await inSilence(program, '', ({ machine }) => Promise.resolve(flashBytes(machine)));
  return (await evaluated(program, code, ({ machine }) => Promise.resolve(flashBytes(machine)))) - builtInBytes;
}

/** The same on a board with raw flash: each measurement is written to flash before it counts as taken. */
export async function measureSpooledCosts(program: XsProgram, count: number): Promise<Values> {
  const baseBytes = await evaluatedBytes(program);
  return inXsWorld({ ...program, nor: {} }, async (world) => {
    await world.start();
    await world.run(WARM_UP_MEASUREMENTS * 1000);
    await operationCost(world, 'help', WARM_UP_OPERATIONS);
    await world.rest();
    const live = await world.figures({ collect: true, mark: true });
    const { steady, measured } = await measureSteadily(world, count);
    return {
      'xs.flash_queue_allocated_per_measurement_bytes': allocatedBytes(steady) / measured,
      'xs.flash_queue_bytecodes_per_measurement': Math.round(steady.byteCodes / measured),
      'xs.flash_queue_live_bytes': usedBytes(live) - baseBytes,
    };
  });
}

/** The figures of the time in which `count` measurements are due, and the number of those sent. */
async function measureSteadily(world: XsWorld, count: number): Promise<{ steady: XsFigures; measured: number }> {
  const before = world.measurements;
  await world.run(count * 1000);
  const steady = await world.figures({ mark: true });
  return { steady, measured: world.measurements - before };
}

/** Bytes in use after the bundle was evaluated and before it runs. */
export async function evaluatedBytes(program: XsProgram): Promise<number> {
  const text = await readFile(program.bundle, 'utf8');
  return inSilence(program, text, async (world) => usedBytes(await world.figures({ collect: true })));
}

/** Runs a world whose board evaluates `text` and then does nothing. */
function inSilence<T>(program: XsProgram, text: string, look: (world: XsWorld) => Promise<T>): Promise<T> {
  return evaluated(program, `${text}\n;bundle = { main() {} };\n`, look);
}

/** Runs a world whose board has started with this bundle. */
async function evaluated<T>(
  { host, bundle }: XsProgram,
  code: string,
  look: (world: XsWorld) => Promise<T>,
): Promise<T> {
  const file = `${bundle}.${process.pid}.other.js`;
  await writeFile(file, code);
  try {
    return await inXsWorld({ host, bundle: file }, async (world) => {
      await world.boot();
      return await look(world);
    });
  } finally {
    await rm(file);
  }
}

function flashBytes({ flash }: XsMachine): number {
  return flash.slots * SLOT_BYTES + flash.chunkBytes;
}

/** The mean cost of one command, from the push to the next poll. Measurements in that time only cost byte codes. */
async function operationCost(
  world: XsWorld,
  text: string,
  count: number,
): Promise<{ bytes: number; byteCodes: number }> {
  let bytes = 0;
  let byteCodes = 0;
  for (let i = 0; i < count; i++) {
    await world.rest();
    await world.figures({ mark: true });
    const operation = await world.carryOut({ c8y_Command: { text } });
    if (operation.status !== 'SUCCESSFUL') throw new Error(`bench: ${text} failed: ${operation.failureReason}`);
    await world.run(AFTERMATH_MS);
    const figures = await world.figures({ mark: true });
    bytes += allocatedBytes(figures);
    byteCodes += figures.byteCodes;
  }
  return { bytes: bytes / count, byteCodes: byteCodes / count };
}

/** One block of the growth run: `rounds` times 100 measurements, 10 operations and a reconnect. */
const MEASUREMENTS_PER_ROUND = 100;
const OPERATIONS_PER_ROUND = 10;
const BREAKS: readonly Break[] = ['end', 'reset', 'link', 'end'];

/**
 * Compares two equal states after much work. With 100 rounds, these are after the first and the second 10,000
 * measurements, 1,000 operations with ever new fragment names and 100 reconnects.
 */
export function measureGrowth(program: XsProgram, rounds: number): Promise<Values> {
  return inXsWorld(program, async (world) => {
    await world.start();
    const names = { last: 0 };
    await work(world, rounds, names);
    const first = await world.figures({ collect: true });
    await work(world, rounds, names);
    const second = await world.figures({ collect: true });
    return {
      'xs.growth_10k_bytes': usedBytes(second) - usedBytes(first),
      'xs.new_keys_10k': second.keys - first.keys,
      'xs.peak_stack_slots': second.peakStackSlots,
    };
  });
}

async function work(world: XsWorld, rounds: number, names: { last: number }): Promise<void> {
  const target = world.measurements + rounds * MEASUREMENTS_PER_ROUND;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < OPERATIONS_PER_ROUND; i++) await operateWithNewNames(world, ++names.last);
    await world.breakConnections(BREAKS[round % BREAKS.length] ?? 'end');
    const roundTarget = target - (rounds - round - 1) * MEASUREMENTS_PER_ROUND;
    await world.runUntil(() => world.measurements >= roundTarget);
  }
  await world.rest();
}

/** Every second operation is unknown to the device; all have fragment names that it has never seen. */
async function operateWithNewNames(world: XsWorld, number: number): Promise<void> {
  const unknown = { [`x_Fragment${number}`]: { [`member${number}`]: { [`inner${number}`]: number } } };
  const known = number % 2 === 0;
  const operation = await world.carryOut(known ? { ...unknown, c8y_Command: { text: 'help' } } : unknown);
  const expected = known ? 'SUCCESSFUL' : 'FAILED';
  if (operation.status !== expected) throw new Error(`bench: operation ${number} is ${operation.status}`);
}
