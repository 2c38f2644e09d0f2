// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { backoffMs } from '../../../src/agent/uplink/backoff.ts';
import fc from '../../support/property.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('waits are whole milliseconds within a window that doubles up to its bound', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -3, max: 5000 }), chance, (failures, random) => {
      const wait = backoffMs(failures, random, 1000, 60_000);
      const windowMs = Math.min(1000 * 2 ** Math.min(Math.max(failures - 1, 0), 30), 60_000);
      t.true(Number.isInteger(wait));
      t.true(wait >= 500 && wait <= windowMs, `${wait} of ${windowMs}`);
    }),
  );
});

test('the whole window is used, so that devices come back at different times', (t) => {
  t.is(backoffMs(1, 0, 1000, 60_000), 500);
  t.is(backoffMs(1, 0.9999, 1000, 60_000), 1000);
  t.is(backoffMs(4, 0, 1000, 60_000), 500);
  t.is(backoffMs(4, 0.9999, 1000, 60_000), 7999);
  t.is(backoffMs(50, 0.9999, 1000, 60_000), 59_994);
});

test('the mean wait grows with each failure up to its bound', (t) => {
  const means = Array.from({ length: 12 }, (_, i) => backoffMs(i + 1, 0.5, 1000, 60_000));
  for (let i = 1; i < 7; i++) t.true((means[i] ?? 0) > (means[i - 1] ?? 0));
  t.is(means[7], means[11]);
});

test('a bound below the first wait holds', (t) => {
  t.true(backoffMs(1, 0.99, 1000, 100) <= 100);
  t.true(backoffMs(1, 0, 1000, 100) > 0);
});
