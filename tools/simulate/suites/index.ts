// SPDX-License-Identifier: Apache-2.0
/** The fault suites by name. */

import { type Bench, nameOf } from '../bench.ts';
import {
  CALL_FAULTS,
  CONNECT_FAULTS,
  EXCHANGE_CUTS,
  FLASH_FAULTS,
  KINDS,
  NETWORK_FAULTS,
  type Occasion,
  REST_FAULTS,
  START_FAULTS,
  WRITE_CUTS,
} from '../faults/fault.ts';
import { c1 } from './churn.ts';
import { h1 } from './herd.ts';
import { n3, t2 } from './lasting.ts';
import { ANSWERS, n1, n2, n4 } from './network.ts';
import { p1, p2, p3 } from './power.ts';
import { m1 } from './resources.ts';
import { m2 } from './thrown.ts';
import { t1 } from './time.ts';

export interface Suite {
  readonly name: string;
  readonly meaning: string;
  /** Faults that the suite must apply at least once, by their counted names. */
  readonly kinds: readonly string[];
  /** Runs all lives of the suite for this seed. */
  run(bench: Bench, seed: number): void;
}

function kinds(on: Occasion, list: readonly string[]): string[] {
  return list.map((what) => nameOf({ on, what }));
}

const CUTS = [...kinds('write', WRITE_CUTS), ...kinds('exchange', EXCHANGE_CUTS)];

export const SUITES: readonly Suite[] = [
  { name: 'P1', meaning: 'a power cut at every write and every exchange of every scenario', kinds: CUTS, run: p1 },
  { name: 'P2', meaning: 'all pairs of power cuts of the short scenarios', kinds: CUTS, run: p2 },
  {
    name: 'P3',
    meaning:
      'every write torn, flipped, ignored, refused; damaged values and records; a full store; starts without a boot count',
    kinds: [...kinds('write', FLASH_FAULTS), ...kinds('start', START_FAULTS), ...kinds('rest', REST_FAULTS)],
    run: p3,
  },
  {
    name: 'N1',
    meaning: 'network faults: a hundred lives for each seed, with up to eight faults each',
    kinds: [...kinds('exchange', NETWORK_FAULTS), ...kinds('connect', CONNECT_FAULTS)],
    run: n1,
  },
  {
    name: 'N2',
    meaning: 'every answer of every scenario replaced by an error, or refused',
    kinds: ANSWERS.map(nameOf),
    run: n2,
  },
  {
    name: 'N3',
    meaning: 'each resource of the platform broken in each way, for a long time, then repaired',
    kinds: [],
    run: n3,
  },
  {
    name: 'N4',
    meaning: 'every file of every scenario comes with a lie about its length, range, validator or coding',
    kinds: kinds('download', KINDS.download),
    run: n4,
  },
  { name: 'T2', meaning: 'each resource, and all of them, answers 50 s late, always', kinds: [], run: t2 },
  {
    name: 'T1',
    meaning: '30 days (7 with a stride) without a clock, with a clock that steps, with counters that overflow',
    kinds: [],
    run: t1,
  },
  {
    name: 'M1',
    meaning: 'every connection, write and answer refused or too large, once each; a full queue on flash',
    kinds: [...kinds('connect', ['no-memory']), ...kinds('write', ['refused', 'full']), ...kinds('exchange', ['huge'])],
    run: m1,
  },
  { name: 'M2', meaning: 'every call of the HAL throws, once each', kinds: kinds('call', CALL_FAULTS), run: m2 },
  { name: 'C1', meaning: 'a year in which children, alarms, operations and templates come and go', kinds: [], run: c1 },
  {
    name: 'H1',
    meaning: '1,000 devices (250 with a stride) and a platform that is down for ten minutes',
    kinds: [],
    run: h1,
  },
];

/** @throws RangeError that lists the suites */
export function suitesOf(names: string): Suite[] {
  if (names === 'all') return [...SUITES];
  return names.split(',').map((name) => {
    const suite = SUITES.find((each) => each.name === name.trim().toUpperCase());
    if (suite !== undefined) return suite;
    throw new RangeError(
      `suite ${JSON.stringify(name)}: ${SUITES.map((each) => each.name).join(', ')} or all expected`,
    );
  });
}
