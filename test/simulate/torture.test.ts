// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { buildAll } from '../../tools/build.ts';
import { MUTANTS } from '../../tools/mutate/mutants.ts';
import { planted } from '../../tools/mutate/plant.ts';
import { torture } from '../../tools/torture/torture.ts';
import { testWith } from '../support/needs.ts';

const { host } = await buildAll();

for (const runtime of ['node', 'xs'] as const) {
  const declare = testWith(runtime === 'xs' ? host.reason : undefined, test.serial);
  declare(`${runtime}: ten times kill -9, nothing lost`, async (t) => {
    t.timeout(300_000, 'ten kills');
    const { kills, samples, operations } = await torture({ runtime, kills: 10, seed: 11 });
    t.is(kills, 10);
    t.log(`${samples} samples, ${operations} operations`);
    t.true(samples > 0);
  });
}

test.serial('control: an agent that begins interrupted work again is found', async (t) => {
  t.timeout(300_000, 'six kills');
  const defect = MUTANTS.find(({ name }) => name === 'interrupted work is begun again');
  if (defect === undefined) throw new Error('no such defect');
  const options = { runtime: 'node', kills: 6, seed: 5, plugins: [planted(defect)] } as const;
  await t.throwsAsync(torture(options), { message: /^operation \d+ was carried out \d times$/ });
});
