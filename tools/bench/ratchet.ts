// SPDX-License-Identifier: Apache-2.0
/** The figures that must not get worse, one column for each word size of XS. */

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../places.ts';
import type { WordBits } from '../xs/build.ts';
import { isMet, METRICS, type Values } from './metrics.ts';

export type Ratchet = Readonly<Record<`${WordBits}`, Values>>;

/** The share by which a figure may be worse. */
const TOLERANCE = 0.02;
const FILE = path.join(ROOT, 'tools/bench/ratchet.json');
const HOW_TO_CHANGE = 'if this is intended: npm run bench -- --ratchet';

export async function readRatchet(): Promise<Ratchet> {
  return JSON.parse(await readFile(FILE, 'utf8')) as Ratchet;
}

export async function writeRatchet(ratchet: Ratchet): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(ratchet, null, 2)}\n`);
}

/** The column of these values: bytes and counts, without times. */
export function column(values: Values): Values {
  const kept: Values = {};
  for (const { name, isTime } of METRICS) {
    const value = values[name];
    if (isTime !== true && value !== undefined) kept[name] = rounded(value);
  }
  return kept;
}

/** Compares `values` with a column of the file; returns one sentence per problem. A goal that was met must stay met. */
export function compare(kept: Values, values: Values): string[] {
  const measured = column(values);
  return METRICS.flatMap((metric) => {
    const { name } = metric;
    const before = kept[name];
    const now = measured[name];
    if (before === undefined && now === undefined) return [];
    if (before === undefined) return [`${name} is ${now}, and not in tools/bench/ratchet.json; ${HOW_TO_CHANGE}`];
    if (now === undefined) return [`${name} is in tools/bench/ratchet.json, but was not measured`];
    const worse = `${name} is ${now}, after ${before} in tools/bench/ratchet.json`;
    if (isMet(metric, before) === true && isMet(metric, now) === false) return [`${worse}: the goal was met`];
    if (now > before + Math.abs(before) * TOLERANCE) return [`${worse}: worse; ${HOW_TO_CHANGE}`];
    return [];
  });
}

/** Rounds to four decimals, which is enough for ratios and removes the noise of floating point. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
