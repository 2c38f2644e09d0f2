// SPDX-License-Identifier: Apache-2.0

import { readdirSync } from 'node:fs';
import test from 'ava';
import { hunt } from '../../tools/mutate/hunt.ts';
import { MUTANTS } from '../../tools/mutate/mutants.ts';
import { plantedSource } from '../../tools/mutate/plant.ts';
import { huntWithTests } from '../../tools/mutate/unit.ts';
import { UNIT_MUTANTS } from '../../tools/mutate/unit-mutants.ts';
import { THOROUGH } from '../support/thorough.ts';

test('every defect can be planted, and each has a name of its own', async (t) => {
  const all = [...MUTANTS, ...UNIT_MUTANTS];
  for (const mutant of all) await t.notThrowsAsync(plantedSource(mutant));
  t.is(new Set(all.map(({ name }) => name)).size, all.length);
  t.true(MUTANTS.length >= 40);
});

test('each defect of the unit tests names test files that are there', (t) => {
  const files = readdirSync(new URL('../', import.meta.url), { recursive: true, encoding: 'utf8' });
  for (const { name, by } of UNIT_MUTANTS) {
    const pattern = by
      .replace(/\./g, '\\.')
      .replace(/\*/g, '[^/]*')
      .replace(/\{(.*)\}/, (_, names: string) => `(${names.replace(/,/g, '|')})`);
    const found = files.filter((file) => new RegExp(`^${pattern}$`).test(file));
    t.true(found.length > 0, `${name}: ${by}`);
  }
});

test('a defect that cannot be planted any more is reported', async (t) => {
  const [first] = MUTANTS;
  if (first === undefined) throw new Error('no mutants');
  await t.throwsAsync(plantedSource({ ...first, from: 'nothing that stands there' }), { message: /occurs 0 times/ });
});

const quick = MUTANTS.filter((mutant) => mutant.quick === true);

test('there are ten that are found in no time', (t) => {
  t.is(quick.length, 10);
});

for (const mutant of THOROUGH ? quick : quick.slice(0, 3)) {
  test.serial(`found: ${mutant.name}`, async (t) => {
    t.timeout(600_000, 'lives with the defect');
    const { by, trouble } = await hunt(mutant, false);
    t.log(trouble);
    t.is(by, mutant.by);
  });
}

// Each of these runs compiles all tests.
if (THOROUGH) {
  test.serial(
    'a unit test finds what is planted in its file, and a change that changes nothing survives',
    async (t) => {
      t.timeout(600_000, 'two runs of the tests of Bayeux');
      const defect = UNIT_MUTANTS.find(({ name }) => name === 'an interval without end');
      if (defect === undefined) throw new Error('no such defect');
      t.regex((await huntWithTests(defect)) ?? '', /an interval is kept/);
      t.is(await huntWithTests({ ...defect, to: `${defect.from} + 0` }), undefined);
    },
  );
}
