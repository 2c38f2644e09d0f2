// SPDX-License-Identifier: Apache-2.0

import { measureCosts, measureGrowth } from '../../tools/bench/xs-costs.ts';
import { buildBundle } from '../../tools/build.ts';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWithXs } from '../support/xs/on-xs.ts';

const host = await buildXsHost();

testWithXs(host, 'a firmware that allocates, keeps and makes up names is found out', async (t, xs) => {
  t.timeout(120_000, 'the costs on XS');
  const bundle = await buildBundle({ entry: 'test/bench/leaky.ts', outfile: 'build/test/leaky.js' });
  const program = { host: xs, bundle: bundle.path };
  const costs = await measureCosts(program, 100);
  // An object with a property, and one without.
  t.true((costs['xs.allocated_per_measurement_bytes'] ?? 0) >= 3 * 16, JSON.stringify(costs));
  const growth = await measureGrowth(program, 2);
  t.true((growth['xs.growth_10k_bytes'] ?? 0) >= 200 * 16, JSON.stringify(growth));
  t.is(growth['xs.new_keys_10k'], 200 / 20);
});
