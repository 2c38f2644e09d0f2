// SPDX-License-Identifier: Apache-2.0

import { readFile } from 'node:fs/promises';
import test from 'ava';
import { measure, QUICK } from '../../tools/bench/measure.ts';
import { METRICS } from '../../tools/bench/metrics.ts';
import { column, compare, readRatchet } from '../../tools/bench/ratchet.ts';
import { PAGE, pageWithFigures } from '../../tools/bench/tables.ts';
import { buildAll } from '../../tools/build.ts';
import { testWithXs } from '../support/xs/on-xs.ts';

const subject = await buildAll();
const { host } = subject;

testWithXs(
  host,
  'no figure is worse than the one in the ratchet file, and no goal that was met is missed',
  async (t, xs) => {
    t.timeout(180_000, 'the figures');
    const kept = (await readRatchet())[`${xs.wordBits}`];
    t.deepEqual(compare(kept, await measure(subject, QUICK)), []);
  },
);

test('what is worse, unknown, no longer measured or beyond a goal that was met is named', (t) => {
  const kept = { 'xs.growth_10k_bytes': 0, 'xs.flash_bytes': 1000, 'bundle.bytes': 114_500, 'bundle.gzip_bytes': 10 };
  t.deepEqual(compare(kept, kept), []);
  t.deepEqual(compare(kept, { ...kept, 'xs.flash_bytes': 1020, 'bundle.bytes': 60_000 }), []);
  t.deepEqual(compare(kept, { ...kept, 'node.operation_p50_ms': 5 }), [], 'times are no matter of the ratchet');
  const problems = compare(kept, {
    'xs.growth_10k_bytes': 1,
    'xs.flash_bytes': 1021,
    'bundle.bytes': 115_001,
    'node.boot_requests': 8,
  });
  t.deepEqual(
    problems.map((problem) => problem.split(' ', 1)[0]),
    ['xs.growth_10k_bytes', 'xs.flash_bytes', 'bundle.bytes', 'bundle.gzip_bytes', 'node.boot_requests'],
  );
  t.regex(problems[0] ?? '', /is 1, after 0 .*: the goal was met/);
  t.regex(problems[1] ?? '', /is 1021, after 1000 .*: worse; .*--ratchet/);
});

test('a column has every byte and every count, and no time', async (t) => {
  const expected = METRICS.filter(({ isTime }) => isTime !== true).map(({ name }) => name);
  const ratchet = await readRatchet();
  for (const bits of ['32', '64'] as const) t.deepEqual(Object.keys(ratchet[bits]), expected, bits);
  t.deepEqual(column({ 'node.operation_p50_ms': 1, 'wire.overhead_ratio_batch_1': 1.000049 }), {
    'wire.overhead_ratio_batch_1': 1,
  });
});

test('the figures of the documentation are those of the ratchet file', async (t) => {
  const page = await readFile(PAGE, 'utf8');
  t.is(page, pageWithFigures(page, await readRatchet()));
});
