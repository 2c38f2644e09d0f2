// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { buildAll } from '../../tools/build.ts';
import { torture } from '../../tools/torture/torture.ts';

const { host } = await buildAll();
/** What ava calls a test that cannot be run here. */
const UNAVAILABLE = 'skip';

for (const runtime of ['node', 'xs'] as const) {
  const title = `${runtime}: ten times kill -9, nothing lost`;
  if (runtime === 'xs' && !host.available) {
    test[UNAVAILABLE](title, () => {});
    continue;
  }
  test(title, async (t) => {
    t.timeout(300_000, 'ten kills');
    const { kills, samples, operations } = await torture({ runtime, kills: 10, seed: 11 });
    t.is(kills, 10);
    t.log(`${samples} samples, ${operations} operations`);
    t.true(samples > 0);
  });
}
