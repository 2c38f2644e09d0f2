// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { hunt } from '../../tools/mutate/hunt.ts';
import { MUTANTS } from '../../tools/mutate/mutants.ts';
import { plantedSource } from '../../tools/mutate/plant.ts';

test('every defect can be planted, and each has a name of its own', async (t) => {
  for (const mutant of MUTANTS) await t.notThrowsAsync(plantedSource(mutant));
  t.is(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  t.true(MUTANTS.length >= 40);
});

test('one that cannot be planted any more is told', async (t) => {
  const [first] = MUTANTS;
  if (first === undefined) throw new Error('no mutants');
  await t.throwsAsync(plantedSource({ ...first, from: 'nothing that stands there' }), { message: /stands 0 times/ });
});

const quick = MUTANTS.filter((mutant) => mutant.quick === true);

test('there are ten that are found in no time', (t) => {
  t.is(quick.length, 10);
});

for (const mutant of quick) {
  test.serial(`found: ${mutant.name}`, async (t) => {
    t.timeout(240_000, 'lives with the defect');
    const { by, trouble } = await hunt(mutant, false);
    t.log(trouble);
    t.is(by, mutant.by);
  });
}
