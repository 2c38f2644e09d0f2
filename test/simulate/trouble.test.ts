// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { THOROUGH } from '../support/thorough.ts';
import { simulate, sumOf } from './suite.ts';

test.serial('hundreds of networks in trouble', async (t) => {
  t.timeout(1_200_000, 'the suites');
  const seeds = THOROUGH ? 4 : 1;
  const outcome = await simulate('--suite', 'N1', '--seeds', `1..${seeds}`);
  t.deepEqual(outcome.failures, []);
  t.is(
    sumOf([outcome], (result) => result.lives),
    100 * seeds,
  );
});

test.serial('flash, resources and a platform that fail, a month of odd clocks, a herd', async (t) => {
  t.timeout(1_200_000, 'the suites');
  const outcomes = [
    // With fewer of them some kinds of answers would not come at all.
    await simulate('--suite', 'N2', '--stride', THOROUGH ? '15' : '25', '--sample', THOROUGH ? '1' : '4'),
    await simulate('--suite', 'N4', '--sample', THOROUGH ? '1' : '4'),
    await simulate('--suite', 'P3,M1,M2,T1,H1', '--stride', THOROUGH ? '50' : '100', '--sample', THOROUGH ? '1' : '20'),
  ];
  const suites = outcomes.flatMap((outcome) => outcome.suites);
  t.log(suites.map(({ suite, lives }) => `${suite}: ${lives}`).join(', '));
  t.deepEqual(
    outcomes.flatMap(({ failures }) => failures),
    [],
  );
  t.true(suites.every(({ lives }) => lives > 0));
});
