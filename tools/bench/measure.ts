// SPDX-License-Identifier: Apache-2.0
/** All measurements, complete or in the amount that a test has time for. */

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Bundle } from '../build.ts';
import type { XsHostBuild } from '../xs/build.ts';
import { composed, PROFILES } from './composition.ts';
import { measureLatency } from './latency.ts';
import type { Values } from './metrics.ts';
import { countBootRequests, countConnections } from './simulated.ts';
import { measureOverhead } from './wire.ts';
import { flashOf, measureCosts, measureGrowth, measureSpooledCosts } from './xs-costs.ts';
import { measureLeastHeap } from './xs-heap.ts';
import { measureOverSockets } from './xs-sockets.ts';

/** Numbers of repetitions. Counts do not depend on them: they are the same each time. */
export interface Effort {
  readonly measurements: number;
  readonly socketMeasurements: number;
  /** Rounds of 100 measurements, 10 operations and a reconnect, run twice. */
  readonly growthRounds: number;
  /** 0: no times are measured. */
  readonly timedOperations: number;
}

export const FULL: Effort = {
  measurements: 1000,
  socketMeasurements: 300,
  growthRounds: 100,
  timedOperations: 1000,
};

/** For a test: counts only. */
export const QUICK: Effort = { measurements: 200, socketMeasurements: 40, growthRounds: 8, timedOperations: 0 };

export interface Subject {
  readonly host: XsHostBuild;
  readonly bundle: Bundle;
}

/**
 * Takes all measurements one after the other; without an XS host only those that need none.
 * @param report called with the name of the next measurement
 */
export async function measure(
  { host, bundle }: Subject,
  { measurements, socketMeasurements, growthRounds, timedOperations }: Effort,
  report: (line: string) => void = () => {},
): Promise<Values> {
  const values: Values = {};
  const take = async (what: string, measuring: () => Values | Promise<Values>) => {
    report(what);
    Object.assign(values, await measuring());
  };
  const guide = await composed(PROFILES.guide);
  if (timedOperations > 0) await take('operations on Node', () => measureLatency(timedOperations));
  if (host.available) {
    const program = { host, bundle: bundle.path };
    await take('measurements and operations on XS', () => measureCosts(program, measurements));
    await take('measurements by way of flash on XS', () => measureSpooledCosts(program, measurements));
    await take('measurements on XS over sockets', () => measureOverSockets(program, socketMeasurements));
    await take('the least heap', () => measureLeastHeap(program));
    await take('the flash of the profile guide', async () => ({
      'xs.flash_guide_bytes': await flashOf(program, guide),
    }));
    await take('growth: measurements, operations, reconnects', () => measureGrowth(program, growthRounds));
  }
  await take('bundle', () => measureBundle(bundle, guide));
  await take('requests of a start', countBootRequests);
  await take('connections of a day', countConnections);
  await take('bytes on the wire', measureOverhead);
  return values;
}

async function measureBundle({ path }: Bundle, guide: string): Promise<Values> {
  const bytes = await readFile(path);
  return {
    'bundle.bytes': bytes.length,
    'bundle.gzip_bytes': gzipSync(bytes, { level: 9 }).length,
    'bundle.guide_bytes': Buffer.byteLength(guide),
    'bundle.full_bytes': Buffer.byteLength(await composed(PROFILES.full)),
  };
}
