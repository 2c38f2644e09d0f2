// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { THOROUGH } from '../support/thorough.ts';
import { simulate, sumOf } from './suite.ts';

/** Of all lives with a fault one in so many. */
const SAMPLE = THOROUGH ? '1' : '18';

test('single cuts of every scenario, and some of all pairs of the short ones', async (t) => {
  t.timeout(600_000, 'all cuts');
  const outcomes = [
    await simulate('--suite', 'P1', '--seed', '1', '--sample', SAMPLE),
    await simulate('--suite', 'P2', '--seed', '1', '--stride', '16', '--sample', SAMPLE),
  ];
  const cuts = sumOf(outcomes, (result) => result.cuts);
  t.log(`${cuts} cuts in ${sumOf(outcomes, (result) => result.lives)} lives`);
  t.deepEqual(
    outcomes.flatMap(({ failures }) => failures),
    [],
  );
  t.true(cuts >= (THOROUGH ? 4000 : 400), `${cuts} cuts`);
});
